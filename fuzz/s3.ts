/**
 * Throws spoiled text at S3's own parsers: forms, ranges, copy sources, tags, version ids. Each must be
 * taken or end in a modelled error, soon.
 * `node fuzz/s3.ts [SEED [SECONDS]]`
 */

import { byteRange } from '../src/services/s3/byte-range.ts';
import { parseCopySource } from '../src/services/s3/copy-source.ts';
import { readMultipartForm } from '../src/services/s3/multipart-form.ts';
import { tagsFromHeader } from '../src/services/s3/tags.ts';
import { sequenceOf } from '../src/services/s3/version-ids.ts';
import { AwsError } from '../src/services/service.ts';
import { mutate, type Rng, rng } from './signing-mutations.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
/** A parse that takes longer than this is a finding, in milliseconds. */
const patience = 250;

const form =
  `--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk/\${filename}\r\n` +
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nbytes\r\n--b--\r\n';

const targets: readonly { readonly name: string; readonly seed: string; run(text: string, random: Rng): unknown }[] = [
  { name: 'form', seed: form, run: (text, random) => readWhole(text, 1 + random(40)) },
  { name: 'content type', seed: 'multipart/form-data; boundary="b"', run: (text) => readWhole(form, 64, text) },
  { name: 'range', seed: 'bytes=0-99', run: (text) => byteRange(text, 50) },
  { name: 'copy source', seed: '/bucket/key%20a?versionId=abc', run: (text) => parseCopySource(text) },
  { name: 'tags', seed: 'a=1&b=%20x', run: (text) => tagsFromHeader(text) },
  { name: 'version id', seed: 'AAGiBY8ttSIdTdLyX1Pqa3Ofz8joRVIC', run: (text) => sequenceOf(text) },
];

async function readWhole(text: string, size: number, type = 'multipart/form-data; boundary=b'): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const read = await readMultipartForm(type, pieces());
  let length = 0;
  for await (const chunk of read.file) length += chunk.length;
  if (length > bytes.length) throw new Error('a file longer than its form');
}

console.log(`seed ${seed}`);
const random = rng(seed);
const end = Date.now() + seconds * 1000;
let count = 0;
while (Date.now() < end) {
  for (const target of targets) {
    const text = mutate(random, target.seed);
    const started = performance.now();
    try {
      await target.run(text, random);
    } catch (error) {
      if (!(error instanceof AwsError)) {
        console.error(`${target.name}: ${JSON.stringify(text)}`);
        throw error;
      }
    }
    if (performance.now() - started > patience)
      throw new Error(`${target.name} took too long: ${JSON.stringify(text)}`);
    count += 1;
  }
}
console.log(`${count} spoiled texts, each taken or refused`);
