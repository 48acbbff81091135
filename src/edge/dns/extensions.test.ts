/** EDNS at the DNS listener: version 0, and nothing else. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DnsListener } from './listener.ts';

const listener = new DnsListener({ host: '127.0.0.1', port: 0, reusesPort: false, random: () => 0 });
let port: number;
beforeAll(async () => {
  listener.use([
    { id: 'Z1', name: 'shop.test.', records: [{ name: 'shop.test.', type: 'A', ttl: 60, values: ['192.0.2.1'] }] },
  ]);
  port = await listener.open();
});
afterAll(() => listener.close());

async function ask(...versions: number[]): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  const options = versions.map((ednsVersion) => ({ type: 'OPT', name: '.', udpPayloadSize: 1_232, ednsVersion }));
  const questions = [{ name: 'shop.test', type: 'A', class: 'IN' }];
  socket.send(
    encode({ type: 'query', id: 7, questions, additionals: options as unknown as Answer[] } as Packet),
    port,
    '127.0.0.1',
  );
  const [bytes] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return decode(bytes);
}

test('EDNS is spoken in version 0, and of any other only that it is another', async () => {
  expect(await ask(0)).toMatchObject({ answers: [{ data: '192.0.2.1' }], additionals: [{ ednsVersion: 0 }] });
  const other = await ask(1);
  expect(other).toMatchObject({ rcode: 'NOERROR', answers: [], additionals: [{ extendedRcode: 1, ednsVersion: 0 }] });
});

test('two OPT records are no question', async () => {
  expect(await ask(0, 0)).toMatchObject({ rcode: 'FORMERR', answers: [] });
});

test('a question without EDNS is answered without it', async () => {
  expect(await ask()).toMatchObject({ answers: [{ data: '192.0.2.1' }], additionals: [] });
});
