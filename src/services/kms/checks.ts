/** What authorizes a call on a key: the key policy, the grants that cover the operation, and KMS's condition keys. */
import type { Check, CheckCall, ConditionValues, ResourceGrant } from '../service.ts';
import { isWithinReach } from './cross-account.ts';
import type { FoundKey } from './find-key.ts';
import { coveringGrants } from './grant-match.ts';
import { aliasesOfKey, type KeyRow, keyChildren, keyPartition, keyPolicies } from './state.ts';

export interface KeyUse {
  /** Without `kms:`; also the grant operation. */
  readonly action: string;
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly grantTokens?: readonly string[] | undefined;
  /** Condition values of this operation (`kms:EncryptionAlgorithm`, `kms:GrantOperations`, …). */
  readonly context?: ConditionValues;
}

/** The check of one action on one key. */
export async function keyCheck(call: CheckCall, found: FoundKey, use: KeyUse): Promise<Check> {
  const { key, arn, shownAs, isMissing } = found;
  const reaches = isWithinReach(call, key, use.action);
  const policy = await call.change.get(keyPolicies, keyPartition(key.account, key.region), key.id);
  const grants: readonly ResourceGrant[] = reaches ? await coveringGrants(call, key, use) : [];
  return {
    action: `kms:${use.action}`,
    resource: {
      arn,
      account: key.account,
      ...(shownAs !== undefined && { shownAs }),
      ...(isMissing && { isMissing }),
      tags: key.tags,
      ...(policy &&
        reaches && {
          policy: { document: policy.document, id: 'key policy', kind: 'key', principalIds: policy.principalIds },
        }),
      ...(grants.length > 0 && { grants }),
      ...(key.managedBy !== undefined && { isBeyondRcps: true as const }),
    },
    context: { ...callContext(call), ...(await keyContext(call, found)), ...contextKeys(use), ...use.context },
  };
}

/** A check of an action that has no key (kms:CreateKey, kms:ListKeys, kms:GenerateRandom). */
export function accountCheck(call: CheckCall, action: string, context: ConditionValues = {}): Check {
  return {
    action: `kms:${action}`,
    resource: { arn: '*', account: call.scope.account },
    context: { ...callContext(call), ...context },
  };
}

/** `kms:ViaService` is `s3.us-east-1.amazonaws.com` when S3 forwarded its caller's session. */
export function callContext(call: Pick<CheckCall, 'caller' | 'calledVia' | 'scope'>): ConditionValues {
  const via = call.calledVia?.at(-1);
  return {
    'kms:CallerAccount': call.caller.account || undefined,
    'kms:ViaService': via?.replace(/\.amazonaws\.com$/, `.${call.scope.region}.amazonaws.com`),
  };
}

async function keyContext(call: CheckCall, { key, alias }: FoundKey): Promise<ConditionValues> {
  const names = (await call.change.list(aliasesOfKey, keyChildren(key))).map((row) => row.id);
  return {
    ...describing(key),
    'kms:ResourceAliases': names.length > 0 ? names : undefined,
    'kms:RequestAlias': alias,
  };
}

/** Condition keys that describe a key, or one that is to be made. */
export function describing(key: Pick<KeyRow, 'spec' | 'usage' | 'origin' | 'multiRegion' | 'region'>): ConditionValues {
  return {
    'kms:KeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    // The names before 2021, which policies may still use.
    'kms:CustomerMasterKeySpec': key.spec,
    'kms:CustomerMasterKeyUsage': key.usage,
    'kms:KeyOrigin': key.origin,
    'kms:MultiRegion': String(key.multiRegion !== undefined),
    'kms:MultiRegionKeyType': key.multiRegion && (key.multiRegion.primaryRegion === key.region ? 'PRIMARY' : 'REPLICA'),
  };
}

function contextKeys({ encryptionContext = {} }: KeyUse): ConditionValues {
  const names = Object.keys(encryptionContext);
  if (names.length === 0) return {};
  return {
    ...Object.fromEntries(Object.entries(encryptionContext).map(([name, v]) => [`kms:EncryptionContext:${name}`, v])),
    'kms:EncryptionContextKeys': names,
  };
}
