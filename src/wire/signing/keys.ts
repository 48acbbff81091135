/** Signing keys, derived once per credential and scope. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** A secret access key; derived keys are kept for as long as this object lives. */
export interface SigningSecret {
  readonly secret: string;
}

/** Scopes of one credential beyond which its keys are forgotten: callers choose scopes. */
const scopeLimit = 64;

const derived = new WeakMap<SigningSecret, Map<string, KeyObject>>();

/**
 * The key of SigV4 for a scope, as a KeyObject: raw bytes would be imported again for each use.
 * @param scope `20150830/us-east-1/iam/aws4_request`
 */
export function signingKey(credential: SigningSecret, scope: string): KeyObject {
  return keyFor(credential, scope, () => {
    let key: string | Buffer = `AWS4${credential.secret}`;
    for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
    return createSecretKey(key as Buffer);
  });
}

/** The secret itself as a key, for the old S3 form. */
export function secretKey(credential: SigningSecret): KeyObject {
  return keyFor(credential, 'secret', () => createSecretKey(Buffer.from(credential.secret, 'utf8')));
}

/** Makes a key once per credential and name. */
export function keyFor(credential: SigningSecret, name: string, make: () => KeyObject): KeyObject {
  let keys = derived.get(credential);
  if (!keys) {
    keys = new Map();
    derived.set(credential, keys);
  }
  let key = keys.get(name);
  if (!key) {
    if (keys.size >= scopeLimit) keys.clear();
    key = make();
    keys.set(name, key);
  }
  return key;
}
