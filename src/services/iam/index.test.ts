import { expect, test } from 'vitest';
import { iamBench } from '../../../test/support/iam.ts';
import { knownActions } from '../../models/actions.ts';
import { iam } from './index.ts';

test('every operation is an action of the service authorization reference', () => {
  const { operations } = iam(iamBench().ports);
  const actions = knownActions('iam');
  const names = Object.keys(operations);
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => actions?.get(name.toLowerCase()) !== name)).toEqual([]);
});

test('last uses are written by a job', async () => {
  const { ports, directory, store } = iamBench();
  const caller = { principal: { kind: 'anonymous' as const }, account: '', accessKeyId: 'my_key' };
  directory.used(caller, 'iam', 'us-east-1', 5);
  const [job] = iam(ports).jobs ?? [];
  await job?.run({
    now: 10,
    random: { bytes: () => new Uint8Array(), uuid: () => '' },
    actor: { call: async () => ({}), authorize: async () => undefined },
  });
  expect(await store.list({ name: 'iam.key-use' }, '')).toEqual([
    { id: 'my_key', value: { at: 5, service: 'iam', region: 'us-east-1' } },
  ]);
});
