/** `bailey ca …`: whom clients must trust, and certificates for clients. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ask } from './operator.ts';

interface Place {
  readonly data: string;
}

const rootOf = async ({ data }: Place) => ask<{ root: string; file?: string }>(data, '/ca', {});

export async function show(options: Place & { json?: true }): Promise<number> {
  const { root, file } = await rootOf(options);
  const { subject, fingerprint256, validTo } = new X509Certificate(root);
  if (options.json) console.log(JSON.stringify({ subject, fingerprint256, validTo, file }));
  else {
    console.log(`root         ${subject.replaceAll('\n', ', ')}`);
    console.log(`SHA-256      ${fingerprint256}`);
    console.log(`until        ${validTo}`);
    if (file !== undefined) console.log(`file         ${file}`);
  }
  return 0;
}

export async function exportRoot(file: string, options: Place): Promise<number> {
  const { root } = await rootOf(options);
  if (file === '-') process.stdout.write(root);
  else writeFileSync(file, root, { mode: 0o644 });
  return 0;
}

/** Where distributions look for further roots, and what makes them effective. */
const stores = [
  { folder: '/usr/local/share/ca-certificates', file: 'bailey.crt', command: 'update-ca-certificates' },
  { folder: '/etc/pki/ca-trust/source/anchors', file: 'bailey.pem', command: 'update-ca-trust' },
] as const;

export async function trust(options: Place & { dryRun?: true }): Promise<number> {
  const { root, file } = await rootOf(options);
  const store = stores.find(({ folder }) => existsSync(folder));
  const hints = [
    'Node.js:  NODE_EXTRA_CA_CERTS',
    'aws CLI:  AWS_CA_BUNDLE (or ca_bundle in its profile)',
    'Python:   REQUESTS_CA_BUNDLE, SSL_CERT_FILE',
    'curl:     CURL_CA_BUNDLE, or --cacert',
  ].map((line) => `  ${line}${file === undefined ? '' : ` = ${file}`}`);
  if (!store) {
    console.log(`No store of trusted roots was found here. Tell your programs themselves:\n${hints.join('\n')}`);
    return 1;
  }
  const target = join(store.folder, store.file);
  if (options.dryRun) {
    console.log(`would write ${target} and run ${store.command}`);
    return 0;
  }
  if (process.getuid?.() !== 0) {
    console.log(
      `Only root may write ${target}. Run this as root, or tell your programs themselves:\n${hints.join('\n')}`,
    );
    return 1;
  }
  writeFileSync(target, root, { mode: 0o644 });
  execFileSync(store.command, { stdio: 'ignore' });
  console.log(`${target} is trusted now. Programs with roots of their own need to be told:\n${hints.join('\n')}`);
  return 0;
}

interface IssueOptions extends Place {
  readonly principal?: string;
  readonly name?: string;
  readonly hours: number;
  readonly out: string;
}

export async function issue({ principal, name, hours, out, data }: IssueOptions): Promise<number> {
  if ((principal === undefined) === (name === undefined)) throw new Error('Name either --principal or --name.');
  if (!(hours >= 1 && hours <= 24 * 365)) throw new Error('--hours is a number from 1 to 8760.');
  const made = await ask<{ key: string; chain: string; root: string; until: string }>(data, '/ca/issue', {
    ...(principal !== undefined ? { principal } : { name }),
    hours,
  });
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A key of before is never written over.
  writeFileSync(join(folder, 'key.pem'), made.key, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(folder, 'certificate.pem'), made.chain, { mode: 0o644 });
  writeFileSync(join(folder, 'ca.pem'), made.root, { mode: 0o644 });
  console.log(`${folder}/key.pem, certificate.pem and ca.pem, good until ${made.until}`);
  return 0;
}
