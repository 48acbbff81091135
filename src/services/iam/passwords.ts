/** Passwords: stretched by argon2id before they are kept, compared in constant time, and held against the account's policy. */
import { argon2, timingSafeEqual } from 'node:crypto';
import { AwsError, type Random } from '../service.ts';
import type { LoginProfileRow, PasswordHash, PasswordPolicyRow } from './state.ts';

/** OWASP's parameters of 2024 for argon2id; memory in KiB. A stored hash keeps the ones it was made with. */
const current = { memory: 19_456, passes: 2, parallelism: 1 };
const method = `argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}`;
const pattern = /^argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})$/;

/** Nobody's password: verifying against it is never true, and takes as long as against a real one. */
export const nobodys: PasswordHash = {
  method,
  salt: Buffer.alloc(16).toString('base64'),
  hash: Buffer.alloc(32).toString('base64'),
};

export async function hashPassword(password: string, random: Random): Promise<PasswordHash> {
  const salt = random.bytes(16);
  const hash = await stretch(password, salt, current);
  return {
    method,
    salt: Buffer.from(salt).toString('base64'),
    hash: hash.toString('base64'),
  };
}

/** @returns false too for a hash whose method is not understood */
export async function verifyPassword(password: string, kept: PasswordHash): Promise<boolean> {
  const found = pattern.exec(kept.method);
  if (!found) return false;
  const [memory, passes, parallelism] = found.slice(1).map(Number) as [number, number, number];
  const wanted = Buffer.from(kept.hash, 'base64');
  const got = await stretch(password, Buffer.from(kept.salt, 'base64'), { memory, passes, parallelism });
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

function stretch(password: string, salt: Uint8Array, parameters: typeof current): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message: password, nonce: salt, tagLength: 32, ...parameters }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

const symbols = "!@#$%^&*()_+-=[]{}|'";

/**
 * Holds a new password against the account's policy, or AWS's default one: at least 8 characters of three kinds.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
 * @throws PasswordPolicyViolation
 */
export function checkPassword(password: string, policy: PasswordPolicyRow | undefined): void {
  const kinds = {
    uppercase: /[A-Z]/.test(password),
    lowercase: /[a-z]/.test(password),
    numbers: /[0-9]/.test(password),
    symbols: [...password].some((character) => symbols.includes(character)),
  };
  const minimum = policy?.minimumLength ?? 8;
  const missing: string[] = [];
  if (password.length < minimum) missing.push(`have a minimum length of ${minimum}`);
  if (policy?.requireUppercase && !kinds.uppercase) missing.push('have at least one uppercase letter');
  if (policy?.requireLowercase && !kinds.lowercase) missing.push('have at least one lowercase letter');
  if (policy?.requireNumbers && !kinds.numbers) missing.push('have at least one number');
  if (policy?.requireSymbols && !kinds.symbols) missing.push('have at least one symbol');
  if (!policy && Object.values(kinds).filter(Boolean).length < 3) {
    missing.push('include at least three of: uppercase letters, lowercase letters, numbers, symbols');
  }
  if (missing.length > 0) throw violation(`Password should ${missing.join(' and ')}`);
}

/**
 * The login profile with a new password, its former ones remembered.
 * @throws PasswordPolicyViolation for a password that breaks the policy or was used lately
 */
export async function withPassword(
  profile: LoginProfileRow,
  password: string,
  policy: PasswordPolicyRow | undefined,
  hash: () => Promise<PasswordHash>,
  now: number,
): Promise<LoginProfileRow> {
  checkPassword(password, policy);
  const former = [profile.password, ...profile.earlier];
  for (const earlier of former.slice(0, policy?.reusePrevention ?? 0)) {
    if (await verifyPassword(password, earlier)) throw violation('Password has been used before');
  }
  // 24 is the most that a policy may ask for.
  return { ...profile, password: await hash(), changedAt: now, earlier: former.slice(0, 24) };
}

function violation(message: string): AwsError {
  return new AwsError('PasswordPolicyViolation', message, { status: 400 });
}
