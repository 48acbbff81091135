/** What is held of flows: bounded, whoever comes. */
import { expect, test } from 'vitest';
import { type Flowed, FlowMeter, Flows, type Told } from './flows.ts';

const flow = (given: Partial<Flowed>): Flowed => ({
  loadBalancer: 'lb',
  protocol: 6,
  verdict: 'REJECT',
  direction: 'ingress',
  source: '192.0.2.1',
  sourcePort: 1,
  port: 80,
  bytes: 0,
  packets: 0,
  isNew: true,
  ...given,
});

test('connections are told of one by one, until a source has many at one port', () => {
  const flows = new Flows({ flows: 10, perSource: 2 });
  for (const sourcePort of [1, 2, 3, 4, 1]) flows.add(flow({ sourcePort }), sourcePort);
  flows.add(flow({ sourcePort: 5, port: 81 }), 9);
  const { flows: told, skippedFlows } = flows.take();
  expect(
    told.map(({ sourcePort, port, connections, start, end }) => [sourcePort, port, connections, start, end]),
  ).toEqual([
    [1, 80, 2, 1, 1],
    [2, 80, 1, 2, 2],
    [undefined, 80, 2, 3, 4],
    [5, 81, 1, 9, 9],
  ]);
  expect(skippedFlows).toEqual([]);
  expect(flows.take()).toEqual({ flows: [], skippedFlows: [] });
});

test('a flood from everywhere is held within bounds, and what is left out is counted', () => {
  const flows = new Flows({ flows: 100, perSource: 2 });
  for (let n = 0; n < 50_000; n++) flows.add(flow({ source: `10.0.${n >> 8}.${n & 255}` }), n);
  const { flows: told, skippedFlows } = flows.take();
  expect(told).toHaveLength(100);
  expect(skippedFlows).toEqual([{ loadBalancer: 'lb', flows: 49_900 }]);
});

test('a connection that lasts is told of as it goes, each byte once', () => {
  const flows = new Flows();
  const meter = new FlowMeter(flows, 'lb');
  const told: Told = { read: 0, written: 0, isBegun: false };
  const client = { source: '192.0.2.1', sourcePort: 9, port: 80 };
  meter.carried({ bytesRead: 10, bytesWritten: 0 }, client, told, 1);
  meter.carried({ bytesRead: 15, bytesWritten: 100 }, client, told, 2);
  const shown = () =>
    flows.take().flows.map(({ direction, connections, bytes }) => [direction, connections, bytes] as const);
  expect(shown()).toEqual([
    ['ingress', 1, 15],
    ['egress', 1, 100],
  ]);
  meter.carried({ bytesRead: 15, bytesWritten: 130 }, client, told, 3);
  expect(shown()).toEqual([['egress', 0, 30]]);
});

test('datagrams are counted one by one, empty ones too, and what is not answered has no way back', () => {
  const flows = new Flows();
  const meter = new FlowMeter(flows, 'lb', 17);
  const told: Told = { read: 0, written: 0, isBegun: false };
  const client = { source: '192.0.2.1', sourcePort: 9, port: 53 };
  const shown = () =>
    flows.take().flows.map(({ protocol, direction, packets, bytes }) => [protocol, direction, packets, bytes]);
  meter.carried({ bytesRead: 0, bytesWritten: 0, datagramsRead: 1, datagramsWritten: 0 }, client, told, 1);
  expect(shown()).toEqual([[17, 'ingress', 1, 0]]);
  meter.carried({ bytesRead: 7, bytesWritten: 9, datagramsRead: 3, datagramsWritten: 1 }, client, told, 2);
  expect(shown()).toEqual([
    [17, 'ingress', 2, 7],
    [17, 'egress', 1, 9],
  ]);
  meter.refused('192.0.2.2', 5, 53, 3);
  expect(shown()).toEqual([[17, 'ingress', 1, 0]]);
});
