/** When a key last did cryptographic work, as the records of its account tell. */
import { type CloudTrailRecord, managementStream, readStoredCall, recordPartition } from '../../events/api-call.ts';
import type { CheckCall, ConditionValues } from '../service.ts';
import { type FoundKey, findKey } from './find-key.ts';
import type { KmsPorts } from './ports.ts';

/** "Valid Values" of Operation (KeyLastUsageData, AWS KMS API reference). */
const tracked: ReadonlySet<string> = new Set([
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
]);
/** Records of one look. */
const pageSize = 200;

const day = 86_400_000;

/** The newest record of successful work with this key. */
export async function lastUse({ store }: KmsPorts, { key, arn }: FoundKey): Promise<CloudTrailRecord | undefined> {
  const partition = recordPartition(key.account, key.region);
  const tag = { name: 'ResourceName', value: arn };
  for (let cursor: string | undefined; ; ) {
    const page = await store.query({
      stream: managementStream,
      partition,
      from: key.createdAt,
      tag,
      limit: pageSize,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { body } of page.entries) {
      const { record } = readStoredCall(body);
      const isWork = record.eventSource === 'kms.amazonaws.com' && tracked.has(record.eventName);
      if (isWork && record.errorCode === undefined) return record;
    }
    if (page.cursor === undefined) return undefined;
    cursor = page.cursor;
  }
}

/** `kms:TrailingDaysWithoutKeyUsage`: whole days since the key was used, or made if it never was. */
export async function trailingDays(call: CheckCall, ports: KmsPorts, id: string): Promise<ConditionValues> {
  const found = await findKey(call, id, false);
  // Nobody else's calls look through an account's records.
  if (found.key.account !== call.scope.account) return {};
  const last = await lastUse(ports, found);
  const since = last ? Date.parse(last.eventTime) : found.key.createdAt;
  return { 'kms:TrailingDaysWithoutKeyUsage': String(Math.max(0, Math.floor((call.now - since) / day))) };
}
