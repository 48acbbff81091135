/** CMS EnvelopedData for one recipient, in the form that the Nitro Enclaves SDK opens (AWS KMS, CiphertextForRecipient). */
import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { octets, oid, sequence, set, tlv } from './der.ts';

const version = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'));
/** RSAES-OAEP with SHA-256 and MGF1 over SHA-256 (RFC 4055). */
const oaep = sequence(
  oid('1.2.840.113549.1.1.7'),
  sequence(tlv(0xa0, sha256), tlv(0xa1, sequence(oid('1.2.840.113549.1.1.8'), sha256))),
);

export function envelopFor(spki: Uint8Array, plaintext: Uint8Array): Buffer {
  const publicKey = rsaKey(spki);
  const key = randomBytes(32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', createSecretKey(key), iv);
  const content = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const encryptedKey = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    key,
  );
  key.fill(0);
  const keyId = createHash('sha256').update(spki).digest();
  const recipient = sequence(version(2), tlv(0x80, keyId), oaep, octets(encryptedKey));
  const encrypted = sequence(
    oid('1.2.840.113549.1.7.1'),
    sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv)),
    tlv(0x80, content),
  );
  return sequence(oid('1.2.840.113549.1.7.3'), tlv(0xa0, sequence(version(2), set(recipient), encrypted)));
}

function rsaKey(spki: Uint8Array): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // The same answer as for another kind of key.
  }
  throw new VaultError('invalid-public-key', 'The recipient needs an RSA public key.');
}
