/** Answers of the name server as its RFCs have them: glue, names between, opcodes, weights. */
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import type { DnsRecordSettings } from '../snapshot.ts';
import { answer } from './answer.ts';
import { Zones } from './zones.ts';

const record = (name: string, type: string, ...values: string[]): DnsRecordSettings => ({
  name,
  type,
  ttl: 60,
  values,
});

const zones = new Zones([
  {
    id: 'Z1',
    name: 'shop.test.',
    records: [
      record('shop.test.', 'SOA', 'ns.shop.test. hostmaster.shop.test. 1 7200 900 1209600 86400'),
      record('*.shop.test.', 'A', '192.0.2.1'),
      record('deep.between.shop.test.', 'A', '192.0.2.2'),
      record('sub.shop.test.', 'NS', 'ns1.sub.shop.test.', 'ns.elsewhere.test.'),
      record('ns1.sub.shop.test.', 'A', '192.0.2.53'),
      record('ns1.sub.shop.test.', 'AAAA', '2001:db8::53'),
    ],
  },
]);

const ask = (name: string, type: string, flags = 0, random = () => 0, among = zones): DecodedPacket =>
  decode(
    encode(
      answer(
        among,
        decode(encode({ type: 'query', id: 7, flags, questions: [{ name, type, class: 'IN' }] } as Packet)),
        random,
      ),
    ),
  );

const data = (answers: DecodedPacket['answers']) =>
  (answers ?? []).map((one) => ('data' in one ? String(one.data) : ''));

describe('names that only have names below them', () => {
  test('exist without records', () => {
    const reply = ask('between.shop.test', 'A');
    expect(reply).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(reply.authorities).toHaveLength(1);
  });

  test('hide the star above them from what is below', () => {
    expect(data(ask('anything.shop.test', 'A').answers)).toEqual(['192.0.2.1']);
    expect(ask('other.between.shop.test', 'A')).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
  });
});

test('a delegation says where the name servers are that only it knows', () => {
  const reply = ask('www.sub.shop.test', 'A');
  expect(reply.flag_aa).toBe(false);
  expect(data(reply.authorities)).toEqual(['ns1.sub.shop.test', 'ns.elsewhere.test']);
  expect(data(reply.additionals)).toEqual(['192.0.2.53', '2001:db8::53']);
});

test.each(['AXFR', 'IXFR'])('%s is refused', (type) => {
  expect(ask('shop.test', type)).toMatchObject({ rcode: 'REFUSED', answers: [] });
});

test('what is not asked for by QUERY is not understood, and the answer says what it is an answer to', () => {
  const reply = ask('shop.test', 'A', 2 << 11);
  expect(reply).toMatchObject({ opcode: 'STATUS', rcode: 'NOTIMP' });
});

test('records that all have the weight 0 are answered alike', () => {
  const weighted = new Zones([
    {
      id: 'Z1',
      name: 'shop.test.',
      records: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) => ({
        ...record('w.shop.test.', 'A', address),
        weight: 0,
      })),
    },
  ]);
  const seen = [0, 0.25, 0.5, 0.99].flatMap((at) => data(ask('w.shop.test', 'A', 0, () => at, weighted).answers));
  expect(seen).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
});
