/** Reads the bodies of requests to the proxy: JSON whose members are of the right kind and size, or a refusal. */
import { type Asking, ProxyRefusal } from './ports.ts';

/** "The proxy MUST support the ability to process up to 4300 bytes of plaintext data." */
const mostText = 4300;
const mostAad = 8192;
/** "ARN lengths of up to 2048 characters." */
const mostArn = 2048;

type Body = Readonly<Record<string, unknown>>;

const invalid = (what: string): ProxyRefusal => new ProxyRefusal('ValidationException', what);

export function readBody(bytes: Uint8Array): { body: Body; asking: Asking } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('The body is not JSON.');
  }
  if (!isObject(value)) throw invalid('The body is not a JSON object.');
  const { requestMetadata } = value;
  if (!isObject(requestMetadata)) throw invalid('requestMetadata is missing.');
  for (const name of ['kmsOperation', 'kmsRequestId']) {
    if (typeof requestMetadata[name] !== 'string') throw invalid(`requestMetadata.${name} is missing.`);
  }
  const { kmsKeyArn } = requestMetadata;
  if (kmsKeyArn !== undefined && (typeof kmsKeyArn !== 'string' || kmsKeyArn.length > mostArn)) {
    throw invalid('requestMetadata.kmsKeyArn is invalid.');
  }
  return { body: value, asking: { kmsKeyArn } };
}

/** @throws ProxyRefusal when the call concerns a key, and does not say who makes it */
export function requirePrincipal(body: Body): void {
  const { awsPrincipalArn } = body.requestMetadata as Body;
  if (typeof awsPrincipalArn !== 'string' || awsPrincipalArn.length > mostArn) {
    throw invalid('requestMetadata.awsPrincipalArn is missing.');
  }
}

export function readEncrypt(body: Body): { plaintext: Buffer; aad: Buffer; wantsIntegrity: boolean } {
  requireAlgorithm(body);
  const hash = body.ciphertextDataIntegrityValueAlgorithm;
  if (hash !== undefined && hash !== 'SHA_256') {
    throw invalid('ciphertextDataIntegrityValueAlgorithm must be SHA_256.');
  }
  return {
    plaintext: bytes(body, 'plaintext', mostText),
    aad: optional(body, 'additionalAuthenticatedData', mostAad),
    wantsIntegrity: hash !== undefined,
  };
}

export function readDecrypt(body: Body) {
  requireAlgorithm(body);
  const metadata = optional(body, 'ciphertextMetadata', 1024);
  const iv = bytes(body, 'initializationVector', 1024);
  const tag = bytes(body, 'authenticationTag', 1024);
  if (metadata.length > 20) throw invalid('ciphertextMetadata is longer than 20 bytes.');
  if (iv.length !== 12 && iv.length !== 16) throw invalid('initializationVector must be 12 or 16 bytes.');
  if (tag.length !== 16) throw invalid('authenticationTag must be 16 bytes.');
  const ciphertext = bytes(body, 'ciphertext', mostText);
  return { encrypted: { ciphertext, metadata, iv, tag }, aad: optional(body, 'additionalAuthenticatedData', mostAad) };
}

function requireAlgorithm({ encryptionAlgorithm }: Body): void {
  if (encryptionAlgorithm !== 'AES_GCM') throw invalid('encryptionAlgorithm must be AES_GCM.');
}

function optional(body: Body, name: string, most: number): Buffer {
  return body[name] === undefined ? Buffer.alloc(0) : bytes(body, name, most);
}

/** Base64 in its one canonical form. */
function bytes(body: Body, name: string, most: number): Buffer {
  const value = body[name];
  if (typeof value !== 'string') throw invalid(`${name} is missing.`);
  const decoded = Buffer.from(value, 'base64');
  if (decoded.toString('base64') !== value) throw invalid(`${name} is not base64.`);
  if (decoded.length > most) {
    throw new ProxyRefusal('UnsupportedOperationException', `${name} is longer than ${most} bytes.`);
  }
  return decoded;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
