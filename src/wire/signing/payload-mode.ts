/** Reads `x-amz-content-sha256`: how S3 clients say whether and how a body is signed. */
import type { PayloadMode } from './claim.ts';
import { SignatureRefusal } from './refusal.ts';
import { isSha256Hex } from './text.ts';

const modes: Readonly<Record<string, PayloadMode>> = {
  'UNSIGNED-PAYLOAD': { kind: 'unsigned' },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { kind: 'streaming', signed: false, trailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { kind: 'streaming', signed: 'hmac', trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { kind: 'streaming', signed: 'hmac', trailer: true },
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD': { kind: 'streaming', signed: 'ecdsa', trailer: false },
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER': { kind: 'streaming', signed: 'ecdsa', trailer: true },
};

/**
 * @param value of `x-amz-content-sha256`
 * @param scheme signed chunks need a signature of the same kind to begin with; false: none at all
 */
export function payloadMode(value: string, scheme: 'hmac' | 'ecdsa' | false): PayloadMode {
  const mode = Object.hasOwn(modes, value) ? modes[value] : undefined;
  if (mode) {
    if (mode.kind !== 'streaming' || mode.signed === false || mode.signed === scheme) return mode;
  } else if (isSha256Hex(value)) return { kind: 'literal', hash: value };
  // Some signers write the digits in upper case; the canonical request holds what they wrote.
  else if (value.length === 64 && isSha256Hex(value.toLowerCase()))
    return { kind: 'literal', hash: value.toLowerCase() };
  throw new SignatureRefusal('payload-unknown', { actual: value.slice(0, 128) });
}
