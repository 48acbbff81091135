/** Hosts that the operator registers, at each start anew. */
import { expect, test } from 'vitest';
import { openMemoryStore } from '../../../store/memory.ts';
import { registerHost } from './registered.ts';
import { readAll } from './rows.ts';
import { networkInterfaces, partitionOf } from './state.ts';

const scope = { account: '111122223333', region: 'us-east-1' };

test('what the API has changed of a host stays; where it lies is what the operator says now', async () => {
  const store = openMemoryStore();
  const register = async (privateIp: string) => {
    const change = store.begin();
    await registerHost(change, scope, { name: 'web', privateIp, device: 'eth1' }, 1);
    await store.commit(change);
    const [only, ...more] = await readAll(store, networkInterfaces, scope);
    expect(more).toEqual([]);
    return only;
  };
  const made = await register('172.31.1.10');
  expect(made).toMatchObject({ addresses: ['172.31.1.10'], description: '', device: 'eth1' });
  if (!made?.attachment) throw new Error('not attached');
  const changed = {
    description: 'the till',
    addresses: ['172.31.1.10', '172.31.1.11', '172.31.1.12'],
    groups: ['sg-0123456789abcdef0'],
    attachment: { ...made.attachment, deleteOnTermination: false },
  };
  const change = store.begin();
  change.put(networkInterfaces, partitionOf(scope), made.id, { ...made, ...changed });
  await store.commit(change);
  expect(await register('172.31.1.10')).toMatchObject(changed);
  const { addresses: _before, ...others } = changed;
  // It has moved to one of the addresses that it had beside.
  expect(await register('172.31.1.11')).toMatchObject({ ...others, addresses: ['172.31.1.11', '172.31.1.12'] });
  expect(await register('172.31.32.10')).toMatchObject({ ...others, addresses: ['172.31.32.10'] });
});
