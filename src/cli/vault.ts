/** `bailey seal`, `bailey unseal` and `bailey vault`: the root of trust of a running instance. */
import { openLetterbox, parseShare, printShare, sealLetter } from '../main.ts';
import { ask } from './operator.ts';
import { type Secrets, secretsFrom } from './secret-input.ts';

/** What the operator's commands answer of the vault. */
export interface VaultState {
  readonly isSealed: boolean;
  readonly provider: string;
  readonly isInitialized: boolean;
  readonly wants?: 'passphrase' | 'share' | undefined;
  readonly progress?: { readonly given: number; readonly needed: number };
  readonly reason?: string;
  readonly address: string;
  readonly keys?: number;
  readonly domainKey?: number;
  readonly domainKeySince?: number;
  readonly keysToRewrap?: number;
  readonly copiesLeft?: number;
}

interface Answer {
  readonly vault: VaultState;
}

export async function seal({ data }: { data: string }): Promise<number> {
  await ask<Answer>(data, '/vault/seal', {});
  console.log('The vault is sealed: nothing can be encrypted or decrypted until bailey unseal.');
  return 0;
}

export async function unseal(options: {
  data: string;
  init?: true;
  shares: number;
  threshold: number;
}): Promise<number> {
  const { data } = options;
  if (options.init) return initialize(options);
  let { vault } = await ask<Answer>(data, '/vault/status', {});
  // One that was sealed by hand has forgotten what it is to open.
  if (vault.isSealed) ({ vault } = await ask<Answer>(data, '/vault/unseal', {}));
  if (vault.isSealed && vault.wants !== undefined) {
    const secret = await secretFor(vault, secretsFrom(process.stdin, process.stderr));
    const letter = sealLetter(Buffer.from(vault.address, 'base64'), secret).toString('base64');
    secret.fill(0);
    ({ vault } = await ask<Answer>(data, '/vault/unseal', { letter }));
  }
  console.log(describe(vault));
  return vault.isSealed && vault.wants === undefined ? 1 : 0;
}

/** What the vault asks for, as the bytes that it takes. Also asked by `bailey restore`. */
export async function secretFor(vault: Pick<VaultState, 'wants' | 'isInitialized'>, secrets: Secrets): Promise<Buffer> {
  if (vault.wants === 'share') {
    const share = parseShare((await secrets.ask('Share: ')) ?? '');
    if (!share) throw new Error('This is no share, or it was mistyped: it begins with bailey-share-1-');
    return share;
  }
  const passphrase = (await secrets.ask('Passphrase of the vault: ')) ?? '';
  if (passphrase === '') throw new Error('No passphrase was given: type it, or write it to standard input.');
  if (!vault.isInitialized && process.stdin.isTTY && (await secrets.ask('Once more: ')) !== passphrase) {
    throw new Error('These are two different passphrases.');
  }
  return Buffer.from(passphrase, 'utf8');
}

async function initialize({ data, shares, threshold }: { data: string; shares: number; threshold: number }) {
  const box = openLetterbox();
  const address = box.address.toString('base64');
  const { letters } = await ask<{ letters: string[] }>(data, '/vault/initialize', { shares, threshold, address });
  console.error(
    `Give each of these ${shares} shares to another keeper: they are shown this once. Any ${threshold} of them open the vault; fewer are worth nothing.`,
  );
  for (const letter of letters) console.log(printShare(box.open(Buffer.from(letter, 'base64'))));
  return 0;
}

export async function rotateRoot({ data }: { data: string }): Promise<number> {
  await ask<Answer>(data, '/vault/rotate-root', {});
  console.log('The vault has a new root key; the old one opens nothing that is in the data folder now.');
  return 0;
}

/** One line for a person. */
export function describe(vault: VaultState): string {
  const { isSealed, provider, progress, reason, keys, domainKey, keysToRewrap = 0, copiesLeft = 0 } = vault;
  if (!isSealed) {
    const rest = keysToRewrap > 0 ? `, ${keysToRewrap} keys still under an older one` : '';
    const late = copiesLeft > 0 ? `, ${copiesLeft} keyrings of backups could not be rewritten after a deletion` : '';
    return `open (${provider}), ${keys} keys, domain key ${domainKey}${rest}${late}`;
  }
  const shares = progress && progress.needed > 0 ? `, ${progress.given} of ${progress.needed} shares given` : '';
  return `sealed (${provider})${shares}${reason === undefined ? '' : `: ${reason}`}`;
}
