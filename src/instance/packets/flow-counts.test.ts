/** Flows between two readings of what the kernel counts, and those that are too many to wait. */
import { expect, test } from 'vitest';
import { FlowCounts } from './flow-counts.ts';
import type { Flow } from './nft.ts';

const flow = (port: number, packets: number): Flow => ({
  source: '198.51.100.7',
  destination: '172.31.1.10',
  protocol: 'tcp',
  sourcePort: port,
  destinationPort: 443,
  packets,
  bytes: packets * 100,
});

function begin(most?: number) {
  let sets = new Map<string, readonly Flow[]>();
  const counts = new FlowCounts({ flows: async () => sets }, 'bailey', most);
  counts.begin(true);
  return {
    counts,
    count(set: string, ...flows: Flow[]) {
      sets = new Map([[set, flows]]);
    },
  };
}
const seen = async (counts: FlowCounts) => {
  const { flows, skipped } = await counts.take();
  return { flows: flows.map(({ sourcePort, packets }) => [sourcePort, packets]), skipped };
};

test('only what is new is taken, also of an element that timed out and came again', async () => {
  const { counts, count } = begin();
  count('accepted_in_4', flow(1, 5), flow(2, 1));
  expect(await seen(counts)).toEqual({
    flows: [
      [1, 5],
      [2, 1],
    ],
    skipped: [],
  });
  count('accepted_in_4', flow(1, 8), flow(2, 1));
  expect(await seen(counts)).toEqual({ flows: [[1, 3]], skipped: [] });
  count('accepted_in_4', flow(1, 2));
  expect(await seen(counts)).toEqual({ flows: [[1, 2]], skipped: [] });
});

test('beyond what waits, the hosts are named whose flows are lost, until they are told of', async () => {
  const { counts, count } = begin(2);
  count('accepted_in_4', flow(1, 1), flow(2, 1), flow(3, 1), flow(4, 1));
  expect(await seen(counts)).toEqual({
    flows: [
      [1, 1],
      [2, 1],
    ],
    skipped: ['172.31.1.10'],
  });
  count('rejected_out_4', flow(5, 1), flow(6, 1), flow(7, 1));
  expect(await seen(counts)).toMatchObject({ skipped: ['198.51.100.7'] });
  count('accepted_in_4');
  expect(await seen(counts)).toEqual({ flows: [], skipped: [] });
});
