/**
 * The P-256 key pair that SigV4A derives from a secret access key: NIST SP 800-108 in counter mode with HMAC-SHA256,
 * tried with a growing counter until the number lies in the group (AWS SDK reference, "Signature Version 4A").
 */
import { createECDH, createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { keyFor, type SigningSecret } from './keys.ts';

/** Order of the group, minus 2. */
const orderMinusTwo = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn;

export function asymmetricPrivateKey(credential: SigningSecret, accessKeyId: string): KeyObject {
  return keyFor(credential, `ecdsa/${accessKeyId}`, () => derive(credential.secret, accessKeyId));
}

export function asymmetricPublicKey(credential: SigningSecret, accessKeyId: string): KeyObject {
  return keyFor(credential, `ecdsa-public/${accessKeyId}`, () =>
    createPublicKey(asymmetricPrivateKey(credential, accessKeyId)),
  );
}

function derive(secret: string, accessKeyId: string): KeyObject {
  for (let counter = 1; counter <= 254; counter += 1) {
    const input = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from('AWS4-ECDSA-P256-SHA256'),
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const digest = createHmac('sha256', `AWS4A${secret}`).update(input).digest('hex');
    const candidate = BigInt(`0x${digest}`);
    if (candidate <= orderMinusTwo) return privateKey((candidate + 1n).toString(16).padStart(64, '0'));
  }
  // One secret in 2^8000 ends here.
  throw new Error('No P-256 key can be derived from this secret.');
}

function privateKey(hex: string): KeyObject {
  const ecdh = createECDH('prime256v1');
  const d = Buffer.from(hex, 'hex');
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: d.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
