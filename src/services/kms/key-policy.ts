/** Key policies: the default one, what may stand in one, and the lock that nobody shall be locked out by. */
import { PolicySyntaxError, type PrincipalEntry, parsePolicy, principalsOf } from '../../engines/policy/index.ts';
import type { Call } from '../service.ts';
import { keyCheck } from './checks.ts';
import { malformedPolicy } from './errors.ts';
import type { FoundKey } from './find-key.ts';
import type { KmsPrincipals } from './ports.ts';
import type { KeyPolicyRow } from './state.ts';

/** Bytes ("Resource quotas", AWS KMS Developer Guide). */
const sizeLimit = 32_768;

/** "Default key policy": the account decides through IAM. To the letter as AWS writes it. */
export function defaultPolicy(account: string): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${account}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`;
}

/** @throws AwsError MalformedPolicyDocumentException */
export async function readKeyPolicy(document: string, principals: KmsPrincipals): Promise<KeyPolicyRow> {
  if (Buffer.byteLength(document) > sizeLimit) throw malformedPolicy('The policy exceeds the maximum size.');
  try {
    const parsed = parsePolicy(document, 'key');
    return { document, principalIds: await bind(principalsOf(parsed), principals) };
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw malformedPolicy(error.message);
    throw error;
  }
}

/** Every principal must be somebody; users and roles are bound to who they are now. */
async function bind(entries: readonly PrincipalEntry[], principals: KmsPrincipals): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const entry of entries) {
    switch (entry.kind) {
      case 'everyone':
        break;
      case 'account':
      case 'session':
      case 'federated-user':
        if (!(await principals.accountExists(entry.account))) throw invalidPrincipals();
        break;
      case 'user':
      case 'role': {
        const id = await principals.uniqueId(entry.arn);
        if (id === undefined) throw invalidPrincipals();
        ids[entry.arn] = id;
        break;
      }
      case 'unique-id':
        if ((await principals.arn(entry.id)) === undefined) throw invalidPrincipals();
        break;
      case 'service':
        if (!entry.name.endsWith('.amazonaws.com')) throw invalidPrincipals();
        break;
      default:
        throw invalidPrincipals();
    }
  }
  return ids;
}

const invalidPrincipals = () => malformedPolicy('Policy contains a statement with one or more invalid principals.');

/**
 * "Policy lockout safety check": whoever puts a policy must still be able to put another.
 * @throws AwsError MalformedPolicyDocumentException
 */
export async function requireNoLockout(call: Call, found: FoundKey, policy: KeyPolicyRow): Promise<void> {
  const check = await keyCheck(call, found, { action: 'PutKeyPolicy' });
  const { document, principalIds } = policy;
  const resource = { ...check.resource, policy: { document, principalIds, id: 'key policy', kind: 'key' as const } };
  if (await call.may({ ...check, resource })) return;
  throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
}

/** The document as readers see it: people who are gone (or came again as others) show as their unique ids. */
export async function shownPolicy(policy: KeyPolicyRow, principals: KmsPrincipals): Promise<string> {
  let document = policy.document;
  for (const [arn, id] of Object.entries(policy.principalIds)) {
    if ((await principals.uniqueId(arn)) === id) continue;
    const shown = (await principals.arn(id)) ?? id;
    document = document.replaceAll(JSON.stringify(arn), JSON.stringify(shown));
  }
  return document;
}
