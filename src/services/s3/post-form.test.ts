/** Forms in pieces of every size, and forms that are none. */
import { describe, expect, it } from 'vitest';
import { bytes, textOf } from '../../../test/support/s3.ts';
import { readPostForm } from './post-form.ts';

const type = 'multipart/form-data; boundary=xYz';
const field = (name: string, value: string) =>
  `--xYz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (content: string, name = 'menu.txt') =>
  `--xYz\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${content}\r\n`;
const end = '--xYz--\r\n';
const anySize = { least: 0, most: 1_000_000 };

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

const read = (text: string, size = 1 << 16) => readPostForm(type, pieces(text, size));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => error.code,
  );

describe('forms', () => {
  const content = 'line\r\n--xY not the end\r\n--xYzz\r\r\n-';
  const whole =
    field('key', `in/\${filename}`) +
    field('X-Amz-Meta-Note', 'ü\r\nb') +
    field('Content-Type', 'text/csv') +
    field('x-ignore-me', '1') +
    file(content.replace('--xYzz', '--xY'), 'C:\\dir\\me nu.txt') +
    field('after', 'ignored') +
    end;

  it.each([1, 2, 3, 5, 7, 64, 1000])('are read in pieces of %i', async (size) => {
    const form = await read(whole, size);
    expect(form.key).toBe('in/me nu.txt');
    expect([...form.fields.keys()]).toEqual(['key', 'x-amz-meta-note', 'content-type', 'x-ignore-me']);
    const input = form.input('reports', anySize);
    expect(input).toMatchObject({
      Bucket: 'reports',
      Key: 'in/me nu.txt',
      ContentType: 'text/csv',
      Metadata: { note: 'ü\r\nb' },
    });
    expect(await textOf(input.Body as AsyncIterable<Uint8Array>)).toBe(content.replace('--xYzz', '--xY'));
  });

  it('cut off anywhere are never whole', async () => {
    const short = field('key', 'k') + file('espresso') + end;
    const last = short.indexOf('--xYz--') + '--xYz--'.length;
    for (let cut = 0; cut < last; cut += 1) {
      const work = read(short.slice(0, cut), 16).then((form) =>
        textOf(form.input('b', anySize).Body as AsyncIterable<Uint8Array>),
      );
      expect(await codeOf(work)).toBe('MalformedPOSTRequest');
    }
  });

  it('keep to their limits', async () => {
    expect(await codeOf(read(field('key', 'x'.repeat(21_000)) + file('') + end))).toBe('MaxPostPreDataLengthExceeded');
    const many = Array.from({ length: 101 }, (_, i) => field(`f${i}`, '')).join('');
    expect(await codeOf(read(many + file('') + end))).toBe('MaxPostPreDataLengthExceeded');
    expect(await codeOf(read(`--xYz\r\nX: ${'y'.repeat(5000)}\r\n\r\n`))).toBe('MaxPostPreDataLengthExceeded');
    const sized = async (content: string) => {
      const form = await read(field('key', 'k') + file(content) + end);
      return codeOf(textOf(form.input('b', { least: 2, most: 3 }).Body as AsyncIterable<Uint8Array>));
    };
    expect(await sized('1')).toBe('EntityTooSmall');
    expect(await sized('123')).toBe('done');
    expect(await sized('1234')).toBe('EntityTooLarge');
  });

  it('that are none say so', async () => {
    expect(await codeOf(readPostForm('text/plain', pieces('', 1)))).toBe('RequestIsNotMultiPartContent');
    expect(await codeOf(readPostForm('multipart/form-data', pieces('', 1)))).toBe('MalformedPOSTRequest');
    expect(await codeOf(read(field('key', 'k') + end))).toBe('InvalidArgument');
    expect(await codeOf(read(file('x') + end))).toBe('InvalidArgument');
    expect(await codeOf(read(field('key', 'a') + field('KEY', 'b') + file('x') + end))).toBe('MalformedPOSTRequest');
    const odd = await read(field('key', 'k') + field('x-amz-object-lock-mode', 'GOVERNANCE') + file('x') + end);
    expect(() => odd.input('b', anySize)).toThrow('not implemented');
  });
});
