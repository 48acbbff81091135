import { CreateGrantCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsignedUnbuilt } from '../../src/gateway/unconditional.ts';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { anyOperation, clients, type ServiceName } from '../support/every-client.ts';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';
import { minimalInput } from '../support/minimal-input.ts';
import { askedIn, faultOf } from '../support/reference.ts';

/** The constant list of what needs no permission (IAM and STS API references). */
const unconditional = new Set(['sts:GetCallerIdentity', 'sts:GetSessionToken']);
const denials = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden']);

type Refusal = Error & {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers: Readonly<Record<string, string>> };
};

type Given = Readonly<Record<string, unknown>>;

/** A key that is there, with something that it sealed and a grant: without them, KMS answers that there is none. */
async function ofKms(kms: KMSClient): Promise<(operation: string) => Given> {
  const { KeyId, Arn } = await makeKey(kms);
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('tea') }));
  const GranteePrincipal = 'arn:aws:iam::111122223333:user/admin';
  const { GrantId } = await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'] }));
  const aliases: Given = { AliasName: 'alias/none', TargetKeyId: KeyId };
  const named: Readonly<Record<string, Given>> = {
    CreateAlias: aliases,
    UpdateAlias: aliases,
    DeleteAlias: aliases,
    RetireGrant: { KeyId: Arn, GrantId },
  };
  return (operation) => ({
    KeyId,
    CiphertextBlob,
    SourceKeyId: undefined,
    DestinationKeyId: KeyId,
    GranteePrincipal,
    ...named[operation],
  });
}

/** Names of the kind that each operation is about: another kind is refused before anybody is asked. */
function ofWafv2(operation: string): Given {
  const arn = (kind: string) =>
    `arn:aws:wafv2:us-east-1:111122223333:regional/${kind}/none/11111111-1111-4111-8111-111111111111`;
  const WebACLArn = arn('webacl');
  if (/RuleGroup$|PermissionPolicy$/.test(operation)) return { ARN: arn('rulegroup'), ResourceArn: arn('rulegroup') };
  if (operation === 'GetWebACL') return { ARN: WebACLArn };
  if (operation === 'PutLoggingConfiguration') {
    const LogDestinationConfigs = ['arn:aws:s3:::aws-waf-logs-none'];
    return { LoggingConfiguration: { ResourceArn: WebACLArn, LogDestinationConfigs } };
  }
  // These are about what a web ACL protects.
  if (/ssociateWebACL$|ForResource$/.test(operation) && operation !== 'ListTagsForResource') {
    const ResourceArn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/none/0123456789abcdef';
    return { WebACLArn, ResourceArn };
  }
  return { WebACLArn, WebAclArn: WebACLArn, ResourceArn: WebACLArn, ResourceARN: WebACLArn };
}

describe('M-047, policy trap 2: a user without permissions', () => {
  let instance: TestInstance;
  const given: Record<string, (operation: string) => Given> = { wafv2: ofWafv2 };
  beforeAll(async () => {
    instance = await startInstance();
    given.kms = await ofKms(kmsClient(instance));
    await new S3Client(instance.clientOptions()).send(new CreateBucketCommand({ Bucket: 'nobodys-bucket' }));
  });
  afterAll(() => instance.stop());

  it.each(Object.keys(clients) as ServiceName[])(
    'is refused every operation of the %s model, for want of an action that the reference has',
    async (name) => {
      const { model, knows, call } = await anyOperation(name, instance.clientOptions(nobodyKeys));
      const built = new Set(builtOperations().get(name));
      const succeeded: string[] = [];
      const otherwise: string[] = [];
      const wronglyAsked: string[] = [];
      let asked = 0;
      let called = 0;
      for (const [operation, { input }] of model.operations) {
        if (!knows(operation)) continue;
        called += 1;
        try {
          await call(operation, minimalInput(input, given[name]?.(operation)));
          succeeded.push(`${name}:${operation}`);
        } catch (error) {
          const { name: code, message, $metadata, $response } = error as Refusal;
          const unsigned = code === 'NotImplemented' && unsignedUnbuilt.has(`${name}:${operation}`);
          // An answer to HEAD has no body, and so no code; services beside S3 that its client signs for speak JSON.
          const silent = /^Head/.test(operation) && $metadata?.httpStatusCode === 403;
          const type = $response?.headers['x-amzn-errortype'] ?? '';
          const refused = unsigned || silent || denials.has(code) || denials.has(type);
          if (!refused) otherwise.push(`${operation}: ${code}: ${message}`);
          const { action, arn } = askedIn(message) ?? {};
          if (!built.has(operation) || action === undefined || arn === undefined) continue;
          asked += 1;
          const fault = await faultOf(operation, action, arn);
          if (fault !== undefined) wronglyAsked.push(`${operation}: ${fault}`);
        }
      }
      expect(called).toBeGreaterThan(10);
      expect(succeeded.filter((one) => !unconditional.has(one))).toEqual([]);
      // Whatever is not a denial must at least be a refusal of the input, and rare: these calls are meant to be valid.
      expect(otherwise, otherwise.join('\n')).toHaveLength(0);
      expect(wronglyAsked).toEqual([]);
      expect(built.size).toBeGreaterThan(0);
      expect(asked).toBeGreaterThan(built.size / 2);
    },
    120_000,
  );

  it('is refused by every service that speaks an API of AWS', () => {
    // These two have no client in the SDK: test/contract/supportplans.test.ts, src/services/bailey.
    const ours = new Set(['supportplans', 'bailey']);
    const names = sources.map(({ name }) => name).filter((name) => !ours.has(name));
    expect(Object.keys(clients).sort()).toEqual(names.sort());
  });
});
