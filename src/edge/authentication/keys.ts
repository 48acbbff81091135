/** The keys of a snapshot at work: sealing what clients keep for us, and signing what targets are told. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createSecretKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { AuthenticationKeySettings } from '../snapshot.ts';

interface Key {
  readonly id: string;
  /** Begins what the key has sealed. */
  readonly mark: Buffer;
  readonly createdAt: number;
  readonly sessionKey: KeyObject;
  readonly privateKey: KeyObject;
}

const markBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';
/** Until a new key has come to every node, the one before it is used. */
const settlingMs = 60_000;

export class AuthenticationKeys {
  readonly #keys: readonly Key[];
  readonly #now: () => number;

  constructor(settings: readonly AuthenticationKeySettings[], now: () => number) {
    this.#now = now;
    this.#keys = settings.map(({ id, createdAt, sessionKey, privateKey }) => ({
      id,
      mark: createHash('sha256').update(id).digest().subarray(0, markBytes),
      createdAt,
      sessionKey: createSecretKey(Buffer.from(sessionKey, 'base64')),
      privateKey: createPrivateKey(privateKey),
    }));
  }

  get #current(): Key {
    const before = this.#now() - settlingMs;
    const key = this.#keys.findLast(({ createdAt }) => createdAt <= before) ?? this.#keys[0];
    if (!key) throw new Error('the snapshot has no authentication keys');
    return key;
  }

  /** @param purpose only who names the same can open it again. Answers base64url text */
  seal(purpose: string, text: string): string {
    const { mark, sessionKey } = this.#current;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, sessionKey, nonce).setAAD(Buffer.from(purpose));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([mark, nonce, body, cipher.getAuthTag()]).toString('base64url');
  }

  /** Undefined for anything that `seal` with this purpose did not make. */
  open(purpose: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    const bodyAt = markBytes + nonceBytes;
    // The last character may have bits that mean nothing: there is one way to write it, and no other.
    if (bytes.length < bodyAt + tagBytes || bytes.toString('base64url') !== sealed) return undefined;
    const mark = bytes.subarray(0, markBytes);
    const key = this.#keys.find((one) => one.mark.equals(mark));
    if (!key) return undefined;
    const end = bytes.length - tagBytes;
    try {
      const decipher = createDecipheriv(algorithm, key.sessionKey, bytes.subarray(markBytes, bodyAt), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(end));
      return Buffer.concat([decipher.update(bytes.subarray(bodyAt, end)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /**
   * A token signed by ES256.
   * @see Elastic Load Balancing User Guide, "User claims encoding and signature verification": parts are padded, which
   * RFC 7515 would not have
   */
  token(header: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>): string {
    const { id, privateKey } = this.#current;
    const input = `${part(JSON.stringify({ typ: 'JWT', kid: id, alg: 'ES256', ...header }))}.${part(JSON.stringify(claims))}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${padded(signature.toString('base64url'))}`;
  }
}

const part = (text: string): string => padded(Buffer.from(text).toString('base64url'));
const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');
