/** For contract tests of AWS WAF: clients, names, and the simplest rules. */
import { randomBytes } from 'node:crypto';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateWebACLCommand,
  type CreateWebACLCommandInput,
  type Rule,
  type VisibilityConfig,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { adminKeys, type Keys, type TestInstance } from './instance.ts';

export const wafClient = (instance: TestInstance, keys: Keys = adminKeys, region = 'us-east-1'): WAFV2Client =>
  new WAFV2Client(instance.clientOptions(keys, region));

export const anyName = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

export const visible = (MetricName: string): VisibilityConfig => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

/** Blocks whatever has the bytes in its path. */
export const pathRule = (Name: string, Priority: number, bytes: string): Rule => ({
  Name,
  Priority,
  Statement: {
    ByteMatchStatement: {
      SearchString: Buffer.from(bytes),
      FieldToMatch: { UriPath: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      PositionalConstraint: 'CONTAINS',
    },
  },
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
});

export const ipSetRule = (Name: string, Priority: number, ARN: string): Rule => ({
  Name,
  Priority,
  Statement: { IPSetReferenceStatement: { ARN } },
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
});

export interface MadeWebAcl {
  readonly Name: string;
  readonly Id: string;
  readonly ARN: string;
  readonly LockToken: string;
}

export async function makeWebAcl(waf: WAFV2Client, more: Partial<CreateWebACLCommandInput> = {}): Promise<MadeWebAcl> {
  const { Summary } = await waf.send(
    new CreateWebACLCommand({
      Name: anyName('acl'),
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visible('acl'),
      ...more,
    }),
  );
  return Summary as MadeWebAcl;
}

/** Lets the user without permissions do this, and nothing else. */
export async function allowNobody(
  instance: TestInstance,
  ...statements: readonly [action: string, resource: string, condition?: object][]
): Promise<void> {
  await new IAMClient(instance.clientOptions()).send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'allowed',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: statements.map(([Action, Resource, Condition]) => ({
          Effect: 'Allow',
          Action,
          Resource,
          Condition,
        })),
      }),
    }),
  );
}
