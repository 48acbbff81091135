/** AddTrustStoreRevocations, RemoveTrustStoreRevocations, DescribeTrustStoreRevocations. */
import type {
  AddTrustStoreRevocationsInput,
  AddTrustStoreRevocationsOutput,
  DescribeTrustStoreRevocationsInput,
  DescribeTrustStoreRevocationsOutput,
  RemoveTrustStoreRevocationsInput,
  TrustStoreRevocation,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, operation } from '../../service.ts';
import { trustStoreArn } from '../arns.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { tooMany, validation } from '../errors.ts';
import { findTrustStore } from '../find.ts';
import { limits } from '../limits.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { readRevocationList } from '../revocation-list.ts';
import {
  type RevocationRow,
  regional,
  revocationKey,
  revocations,
  type TrustStoreRow,
  trustStorePartition,
  trustStores,
} from '../state.ts';
import { keep } from '../trust-stores.ts';

const contentNotFound = (message: string): AwsError =>
  new AwsError('RevocationContentNotFound', message, { status: 400 });

export const revocationNotFound = (id: number): AwsError =>
  new AwsError('RevocationIdNotFound', `The revocation ID '${id}' does not exist`, { status: 400 });

const shown = (store: TrustStoreRow, { id, type, entries }: RevocationRow): TrustStoreRevocation => ({
  TrustStoreArn: trustStoreArn(store),
  RevocationId: id,
  RevocationType: type,
  NumberOfRevokedEntries: entries,
});

const readList = (bytes: Uint8Array) => {
  const { entries, pem } = readRevocationList(bytes);
  return { count: entries, content: pem };
};

export const AddTrustStoreRevocations = operation<
  AddTrustStoreRevocationsInput,
  AddTrustStoreRevocationsOutput,
  ElbPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'AddTrustStoreRevocations', input.TrustStoreArn)],
  async handle(input, call, ports) {
    const { change } = call;
    const store = await findTrustStore(call, input.TrustStoreArn);
    const partition = trustStorePartition(store);
    const given = input.RevocationContents ?? [];
    if (given.length === 0) throw validation('A revocation content must be specified');
    const present = await change.list(revocations, partition);
    const most = limits['revocation-lists-per-trust-store'];
    if (present.length + given.length > most) {
      throw tooMany('TooManyTrustStoreRevocationEntries', most, 'revocation files of a trust store');
    }
    let entries = present.reduce((sum, { value }) => sum + value.entries, 0);
    const added: RevocationRow[] = [];
    for (const [place, { S3Bucket, S3Key, S3ObjectVersion }] of given.entries()) {
      if (!S3Bucket || !S3Key) throw validation('An S3 bucket and key must be specified for a revocation content');
      const object = { bucket: S3Bucket, key: S3Key, version: S3ObjectVersion };
      const name = `revocations ${place}`;
      const { blob, count } = await keep(call, ports, name, object, readList, contentNotFound);
      entries += count;
      added.push({ id: store.nextRevocationId + place, type: 'CRL', entries: count, content: blob });
    }
    const mostEntries = limits['revocation-entries-per-trust-store'];
    if (entries > mostEntries) {
      throw tooMany('TooManyTrustStoreRevocationEntries', mostEntries, 'revocation entries of a trust store');
    }
    for (const row of added) change.put(revocations, partition, revocationKey(row.id), row);
    const nextRevocationId = store.nextRevocationId + added.length;
    change.put(trustStores, regional(store), store.name, { ...store, nextRevocationId });
    return { TrustStoreRevocations: added.map((row) => shown(store, row)) };
  },
});

export const RemoveTrustStoreRevocations = operation<RemoveTrustStoreRevocationsInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'RemoveTrustStoreRevocations', input.TrustStoreArn)],
  async handle(input, call) {
    const { change } = call;
    const partition = trustStorePartition(await findTrustStore(call, input.TrustStoreArn));
    for (const id of new Set(input.RevocationIds)) {
      const row = await change.get(revocations, partition, revocationKey(id));
      if (!row) throw revocationNotFound(id);
      change.discard(row.content);
      change.delete(revocations, partition, revocationKey(id));
    }
    return {};
  },
});

export const DescribeTrustStoreRevocations = operation<
  DescribeTrustStoreRevocationsInput,
  DescribeTrustStoreRevocationsOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTrustStoreRevocations')],
  async handle(input, call) {
    const store = await findTrustStore(call, input.TrustStoreArn);
    const all = (await call.change.list(revocations, trustStorePartition(store))).map(({ value }) => value);
    const wanted = new Set(input.RevocationIds);
    for (const id of wanted) if (!all.some((row) => row.id === id)) throw revocationNotFound(id);
    const rows = wanted.size === 0 ? all : all.filter(({ id }) => wanted.has(id));
    const { items, rest } = pageOf(call, input, rows, ({ id }) => revocationKey(id));
    return { TrustStoreRevocations: items.map((row) => shown(store, row)), ...rest };
  },
});
