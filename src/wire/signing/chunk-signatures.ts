/** The chain of signatures over the chunks of a body (S3 API Reference, "Signature calculations: transferring payload in multiple chunks"). */
import { createHash, type Hash, hash, verify as verifyEcdsa } from 'node:crypto';
import { asymmetricPublicKey } from './asymmetric.ts';
import { algorithmOf, type SignatureClaim } from './claim.ts';
import type { SigningSecret } from './keys.ts';
import { SignatureRefusal } from './refusal.ts';
import { isLowerHex, isSha256Hex } from './text.ts';
import { matchesHmac } from './verify.ts';

const emptyHash = hash('sha256', '');

/** Checks each chunk against the one before it, the first against the request's own signature. */
export interface ChunkVerifier {
  /** Feeds bytes of the chunk under way. */
  update(bytes: Uint8Array): void;
  /** Ends the chunk. Throws SignatureRefusal if the signature is not its own. */
  chunk(signature: string): void;
  /** @param canonical `name:value\n` for each trailer */
  trailer(canonical: string, signature: string): void;
}

export function chunkVerifier(claim: SignatureClaim | undefined, credential: SigningSecret | undefined): ChunkVerifier {
  if (!claim || !credential)
    throw new SignatureRefusal('payload-unknown', { detail: 'Signed chunks need a signature to begin with.' });
  let previous = claim.signature;
  let digest: Hash | undefined;
  const check = (kind: string, middle: string, given: string) => {
    const signature = readChunkSignature(claim, given);
    const toSign = `${algorithmOf(claim)}-${kind}\n${claim.amzDate}\n${claim.scope}\n${previous}\n${middle}`;
    if (signature === undefined || !matches(claim, credential, toSign, signature)) {
      throw new SignatureRefusal('chunk-mismatch', {
        accessKeyId: claim.accessKeyId,
        signature: given.slice(0, 160),
        stringToSign: toSign,
      });
    }
    previous = signature;
  };
  return {
    update(bytes) {
      digest ??= createHash('sha256');
      digest.update(bytes);
    },
    chunk(signature) {
      const body = digest ? digest.digest('hex') : emptyHash;
      digest = undefined;
      check('PAYLOAD', `${emptyHash}\n${body}`, signature);
    },
    trailer(canonical, signature) {
      check('TRAILER', hash('sha256', Buffer.from(canonical, 'latin1')), signature);
    },
  };
}

/** SigV4A pads to a fixed length with `*`, so that clients know the length of the body beforehand. */
function readChunkSignature(claim: SignatureClaim, text: string): string | undefined {
  if (!claim.scheme.startsWith('sigv4a')) return isSha256Hex(text) ? text : undefined;
  let end = text.length;
  while (end > 0 && text[end - 1] === '*') end -= 1;
  const bare = text.slice(0, end);
  return bare.length >= 16 && text.length <= 144 && bare.length % 2 === 0 && isLowerHex(bare) ? bare : undefined;
}

function matches(claim: SignatureClaim, credential: SigningSecret, toSign: string, signature: string): boolean {
  if (!claim.scheme.startsWith('sigv4a')) return matchesHmac(claim, credential, toSign, signature);
  const key = asymmetricPublicKey(credential, claim.accessKeyId);
  return verifyEcdsa('sha256', Buffer.from(toSign, 'latin1'), key, Buffer.from(signature, 'hex'));
}
