/** `aws s3`: the commands that move files. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nobodyKeys } from '../../support/instance.ts';
import { command, programs } from '../command.ts';
import type { Cli } from './cli.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Bytes that do not repeat, and are the same every time. */
function beans(size: number): Buffer {
  const block = createHash('sha256');
  const bytes = Buffer.alloc(size);
  let last = block.digest();
  for (let at = 0; at < size; at += last.length) {
    last.copy(bytes, at);
    if (at % 65_536 === 0) last = createHash('sha256').update(last).digest();
    else bytes.writeUInt32LE(at, at);
  }
  return bytes;
}

export async function s3Checks(aws: Cli): Promise<void> {
  const { check, folder } = aws.bench;

  await check('s3 mb, cp, ls and cat of a small file', async () => {
    await aws.text('s3 mb s3://coffee-shop');
    await aws.text('s3api wait bucket-exists --bucket coffee-shop');
    await aws.file('menu.txt', 'espresso 2.20\n');
    await aws.text('s3 cp menu.txt s3://coffee-shop/menus/menu.txt');
    assert.match(await aws.text('s3 ls s3://coffee-shop'), /PRE menus\//);
    assert.match(await aws.text('s3 ls s3://coffee-shop --recursive'), / 14 menus\/menu\.txt/);
    assert.equal(await aws.text('s3 cp s3://coffee-shop/menus/menu.txt -'), 'espresso 2.20\n');
    await aws.prints(
      's3api head-object --bucket coffee-shop --key menus/menu.txt --query [ContentLength,ContentType]',
      [14, 'text/plain'],
    );
  });

  await check('s3 cp of 20 MB in parts of 5 MB, there and back', async () => {
    const bytes = beans(20 * 1024 * 1024);
    await aws.file('big', bytes);
    const config = await aws.file('parts', '[default]\ns3 =\n  multipart_chunksize = 5MB\n');
    await aws.text('s3 cp big s3://coffee-shop/big --no-progress', { env: { AWS_CONFIG_FILE: config } });
    const tag = await aws.json('s3api head-object --bucket coffee-shop --key big --query ETag');
    assert.match(String(tag), /^"[0-9a-f]{32}-4"$/);
    await aws.text('s3 cp s3://coffee-shop/big back --no-progress');
    assert.equal(digest(await aws.read('back')), digest(bytes));
    // A copy of that size goes by parts as well.
    await aws.text('s3 cp s3://coffee-shop/big s3://coffee-shop/copy --no-progress');
    await aws.prints('s3api head-object --bucket coffee-shop --key copy --query ContentLength', bytes.length);
  });

  await check('s3 cp from a pipe, with metadata', async () => {
    await aws.text('s3 cp - s3://coffee-shop/piped --metadata origin=pipe --content-type text/csv', { input: 'a,b\n' });
    await aws.prints('s3api head-object --bucket coffee-shop --key piped --query [ContentType,Metadata.origin]', [
      'text/csv',
      'pipe',
    ]);
  });

  const odd = ['plain', 'sp ace', 'a+b', '%2F', 'ünï ☕', 'a&b=c', "it's", 'semi;colon', 'hash#mark', 'why?'];
  await check('s3 sync of odd names, there, again, and back', async () => {
    const from = join(folder, 'from');
    await mkdir(join(from, 'deep/deeper'), { recursive: true });
    for (const name of odd) await writeFile(join(from, name), name);
    await writeFile(join(from, 'deep/deeper/x'), 'x');
    // S3 tells times in whole seconds: files of this very second would seem newer than their copies.
    const past = new Date(Date.now() - 10_000);
    for (const name of [...odd, 'deep/deeper/x']) await utimes(join(from, name), past, past);
    await aws.text('s3 sync from s3://coffee-shop/sync --no-progress');
    assert.equal((await aws.text('s3 sync from s3://coffee-shop/sync --no-progress')).trim(), '');
    await aws.text('s3 sync s3://coffee-shop/sync back-again --no-progress');
    assert.deepEqual((await readdir(join(folder, 'back-again'))).sort(), [...odd, 'deep'].sort());
    for (const name of odd) assert.equal(await readFile(join(folder, 'back-again', name), 'utf8'), name);
    await aws.text('s3 mb s3://coffee-shop-2');
    await aws.text('s3 sync s3://coffee-shop/sync s3://coffee-shop-2/sync --no-progress');
    const query = 's3api list-objects-v2 --bucket coffee-shop-2 --query length(Contents) --page-size 4';
    await aws.prints(query, odd.length + 1);
  });

  await check('s3 presign, read with fetch and curl', async () => {
    // Without a configured version, early ones of the first generation use Signature Version 2.
    for (const config of ['', 's3 =\n  signature_version = s3v4\n']) {
      const env = { AWS_CONFIG_FILE: await aws.file('presign', `[default]\n${config}`) };
      const url = (await aws.text('s3 presign s3://coffee-shop/menus/menu.txt --expires-in 60', { env })).trim();
      assert.match(url, config === '' ? /Signature=/ : /X-Amz-Signature=/);
      assert.equal(await (await fetch(url)).text(), 'espresso 2.20\n');
      const [curl] = await programs('curl');
      if (curl) assert.equal((await command(curl, ['-s', url])).stdout, 'espresso 2.20\n');
      const bent = await fetch(url.replace(/Signature=.../, 'Signature=AAA'));
      assert.equal(bent.status, 403);
      assert.match(await bent.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
    }
  });

  await check('denied: ls ends with 254, cp with 1, head-object with 254 and 403', async () => {
    const nobody = { as: nobodyKeys };
    await aws.refused(
      's3 ls s3://coffee-shop',
      /\(AccessDenied\) when calling the ListObjectsV2 operation: User: \S+user\/nobody is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::coffee-shop" because no identity-based policy allows the s3:ListBucket action/,
      nobody,
    );
    await aws.refused('s3 cp s3://coffee-shop/menus/menu.txt -', '(403)', nobody, 1);
    const head = 's3api head-object --bucket coffee-shop --key menus/menu.txt';
    await aws.refused(head, '(403) when calling the HeadObject operation: Forbidden', nobody);
  });

  await check('s3 rm, rb of a full bucket, rb --force', async () => {
    await aws.text('s3 rm s3://coffee-shop/sync --recursive --exclude * --include deep/* --quiet');
    await aws.refused('s3 rb s3://coffee-shop', /\(BucketNotEmpty\)/, {}, 1);
    await aws.text('s3 rb s3://coffee-shop --force');
    await aws.refused('s3 ls s3://coffee-shop', /\(NoSuchBucket\).*The specified bucket does not exist/);
    await aws.prints('s3api list-buckets --query Buckets[].Name', ['coffee-shop-2']);
  });
}
