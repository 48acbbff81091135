/** The DNS listener where answers are long, and many. */
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DnsRecordSettings } from '../snapshot.ts';
import { TRUNCATED } from './answer.ts';
import { DnsListener } from './listener.ts';

const text = (name: string, values: number): DnsRecordSettings => ({
  name,
  type: 'TXT',
  ttl: 1,
  values: Array.from({ length: values }, (_, place) => `"${String(place).padStart(250, 'x')}"`),
});
/** Two records, so that chance is asked at each answer. */
const halves = [text('long.example.', 115), text('long.example.', 115)].map((one) => ({ ...one, isHealthy: true }));
const records = [text('far.too.long.example.', 400), ...halves];

let answered = 0;
const chance = (): number => {
  answered += 1;
  return 0;
};
let listener: DnsListener;
let port: number;
beforeEach(async () => {
  listener = new DnsListener({ host: '127.0.0.1', port: 0, reusesPort: false, random: chance });
  port = await listener.open();
  listener.use([{ id: 'Z1', name: 'long.example.', records }]);
});
afterEach(() => listener.close());

function framed(id: number, name: string): Buffer {
  const question = encode({ type: 'query', id, flags: 0, questions: [{ name, type: 'TXT', class: 'IN' }] });
  const head = Buffer.alloc(2);
  head.writeUInt16BE(question.length);
  return Buffer.concat([head, question]);
}

/** Answers by TCP, as many as are asked for; read only after a while. */
function ask(questions: readonly Buffer[], pauseMs = 0): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let heard = Buffer.alloc(0);
    const answers: Buffer[] = [];
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${answers.length} answers`)));
    socket.write(Buffer.concat(questions));
    const read = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      while (heard.length >= 2 && heard.length >= heard.readUInt16BE() + 2) {
        const end = heard.readUInt16BE() + 2;
        answers.push(heard.subarray(2, end));
        heard = heard.subarray(end);
      }
      if (answers.length < questions.length) return;
      socket.destroy();
      resolve(answers);
    };
    setTimeout(() => socket.on('data', read), pauseMs);
  });
}

test('an answer that is too long even for TCP says so, and the next one comes', async () => {
  const [first, second] = await ask([framed(1, 'far.too.long.example'), framed(2, 'long.example')]);
  expect(decode(first as Buffer)).toMatchObject({ id: 1, flag_tc: true, answers: [] });
  expect((decode(first as Buffer).flags ?? 0) & TRUNCATED).toBeGreaterThan(0);
  expect(decode(second as Buffer).answers).toHaveLength(230);
});

test('answers do not pile up for who does not read them, and come when they are read', async () => {
  const questions = Array.from({ length: 100 }, (_, place) => framed(place, 'long.example'));
  answered = 0;
  const asking = ask(questions, 500);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const unread = answered;
  expect(unread).toBeGreaterThan(0);
  expect(unread).toBeLessThan(questions.length);
  expect((await asking).map((one) => decode(one).id)).toEqual(questions.map((_, place) => place));
  expect(answered).toBe(questions.length);
});
