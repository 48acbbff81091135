/** CreateTrustStore, DescribeTrustStores, ModifyTrustStore, DeleteTrustStore. */
import type {
  CreateTrustStoreInput,
  CreateTrustStoreOutput,
  DeleteTrustStoreInput,
  DescribeTrustStoresInput,
  DescribeTrustStoresOutput,
  ModifyTrustStoreInput,
  ModifyTrustStoreOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Call, type Decoded, operation } from '../../service.ts';
import { trustStoreArn } from '../arns.ts';
import { readBundle } from '../authorities.ts';
import { anyCheck, arnCheck, newCheck } from '../checks.ts';
import { tooMany, trustStoreNotFound, validation } from '../errors.ts';
import { findTrustStore } from '../find.ts';
import { hexId } from '../ids.ts';
import { limits } from '../limits.ts';
import { requireName } from '../load-balancers.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import {
  regional,
  revocations,
  type TrustStoreRow,
  trustStorePartition,
  trustStores,
  trustStoreUses,
} from '../state.ts';
import { mergeTags } from '../tags.ts';
import { type Kept, keep, shownTrustStore } from '../trust-stores.ts';

function keepBundle(call: Call, ports: ElbPorts, input: Decoded<ModifyTrustStoreInput>): Promise<Kept>;
function keepBundle(call: Call, ports: ElbPorts, input: Decoded<CreateTrustStoreInput>): Promise<Kept>;
function keepBundle(
  call: Call,
  ports: ElbPorts,
  input: Pick<
    Decoded<ModifyTrustStoreInput>,
    'CaCertificatesBundleS3Bucket' | 'CaCertificatesBundleS3Key' | 'CaCertificatesBundleS3ObjectVersion'
  >,
): Promise<Kept> {
  const object = {
    bucket: input.CaCertificatesBundleS3Bucket,
    key: input.CaCertificatesBundleS3Key,
    version: input.CaCertificatesBundleS3ObjectVersion,
  };
  return keep(call, ports, 'bundle', object, (content) => ({ count: readBundle(content), content }), bundleNotFound);
}

const bundleNotFound = (message: string): AwsError =>
  new AwsError('CaCertificatesBundleNotFound', message, { status: 400 });

export const CreateTrustStore = operation<CreateTrustStoreInput, CreateTrustStoreOutput, ElbPorts>({
  checks: (input, call) => newCheck(call, 'CreateTrustStore', `truststore/${input.Name}/*`, input.Tags),
  async handle(input, call, ports) {
    const { change, scope, random, now } = call;
    const { account, region } = scope;
    requireName('Trust store', input.Name);
    const place = regional(scope);
    if (await change.get(trustStores, place, input.Name)) {
      const message = `A trust store with the same name '${input.Name}' exists`;
      throw new AwsError('DuplicateTrustStoreName', message, { status: 400 });
    }
    const most = limits['trust-stores-per-account'];
    if ((await change.list(trustStores, place)).length >= most) {
      throw tooMany('TooManyTrustStores', most, 'trust stores');
    }
    const tags = mergeTags({}, input.Tags);
    const { blob, count } = await keepBundle(call, ports, input);
    const row: TrustStoreRow = {
      account,
      region,
      name: input.Name,
      id: hexId(random),
      bundle: blob,
      certificates: count,
      nextRevocationId: 1,
      tags,
      createdAt: now,
    };
    change.put(trustStores, place, row.name, row);
    return { TrustStores: [await shownTrustStore(change, row)] };
  },
});

export const DescribeTrustStores = operation<DescribeTrustStoresInput, DescribeTrustStoresOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTrustStores')],
  async handle(input, call) {
    const { change, scope } = call;
    const { TrustStoreArns: arns = [], Names: names = [] } = input;
    if (arns.length > 0 && names.length > 0) {
      throw validation('Trust store names and trust store ARNs cannot be specified at the same time');
    }
    const rows: TrustStoreRow[] = [];
    for (const arn of new Set(arns)) rows.push(await findTrustStore(call, arn));
    for (const name of new Set(names)) {
      const row = await change.get(trustStores, regional(scope), name);
      if (!row) throw trustStoreNotFound();
      rows.push(row);
    }
    if (arns.length === 0 && names.length === 0) {
      rows.push(...(await change.list(trustStores, regional(scope))).map(({ value }) => value));
    }
    rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, rest } = pageOf(call, input, rows, ({ name }) => name);
    return { TrustStores: await Promise.all(items.map((row) => shownTrustStore(change, row))), ...rest };
  },
});

/** Another bundle in place of the one that is there. */
export const ModifyTrustStore = operation<ModifyTrustStoreInput, ModifyTrustStoreOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyTrustStore', input.TrustStoreArn)],
  async handle(input, call, ports) {
    const row = await findTrustStore(call, input.TrustStoreArn);
    const { blob, count } = await keepBundle(call, ports, input);
    const changed = { ...row, bundle: blob, certificates: count };
    call.change.discard(row.bundle);
    call.change.put(trustStores, regional(row), row.name, changed);
    return { TrustStores: [await shownTrustStore(call.change, changed)] };
  },
});

export const DeleteTrustStore = operation<DeleteTrustStoreInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteTrustStore', input.TrustStoreArn)],
  async handle(input, call) {
    const { change } = call;
    const row = await findTrustStore(call, input.TrustStoreArn);
    const partition = trustStorePartition(row);
    if ((await change.list(trustStoreUses, partition, { limit: 1 })).length > 0) {
      const message = `Trust store '${trustStoreArn(row)}' is currently in use by a listener`;
      throw new AwsError('TrustStoreInUse', message, { status: 400 });
    }
    for (const { id, value } of await change.list(revocations, partition)) {
      change.discard(value.content);
      change.delete(revocations, partition, id);
    }
    change.discard(row.bundle);
    change.delete(trustStores, regional(row), row.name);
    return {};
  },
});
