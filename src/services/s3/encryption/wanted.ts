/** Which encryption a write asks for: by its headers, or else by what its bucket says. */
import type { Call } from '../../service.ts';
import { accessDenied, invalidArgument } from '../errors.ts';
import type { BucketRow } from '../state.ts';
import { type CustomerKey, type CustomerKeyInput, readCustomerKey } from './customer-key.ts';

export interface EncryptionInput extends CustomerKeyInput {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSEKMSEncryptionContext?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
}

export type Wanted =
  | { readonly kind: 's3' }
  | { readonly kind: 'customer'; readonly key: CustomerKey }
  | {
      readonly kind: 'kms';
      readonly isDual: boolean;
      /** As it was named; absent: the AWS managed key. */
      readonly keyId?: string;
      readonly context?: Readonly<Record<string, string>>;
      readonly usesBucketKey: boolean;
    };

const sse = 'x-amz-server-side-encryption';
/** Characters of the base64 of an encryption context. */
const contextLimit = 8192;

/** @throws AwsError InvalidArgument; AccessDenied for SSE-C where the bucket blocks it */
export function wantedEncryption(input: EncryptionInput, bucket: BucketRow, call: Call): Wanted {
  const { ServerSideEncryption: algorithm } = input;
  if (input.SSECustomerAlgorithm ?? input.SSECustomerKey ?? input.SSECustomerKeyMD5) {
    // "Blocking or unblocking SSE-C for a general purpose bucket", S3 User Guide.
    if (bucket.encryption.blocksCustomerKeys) throw accessDenied();
    if (algorithm ?? input.SSEKMSKeyId ?? input.SSEKMSEncryptionContext) {
      throw invalidArgument(
        'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
        sse,
        algorithm,
      );
    }
    return { kind: 'customer', key: readCustomerKey(input) as CustomerKey };
  }
  const isKms = algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';
  if (!isKms && (input.SSEKMSKeyId ?? input.SSEKMSEncryptionContext) !== undefined) {
    throw invalidArgument(
      `Server Side Encryption with AWS KMS managed key requires HTTP header ${sse} : aws:kms`,
      sse,
      algorithm,
    );
  }
  if (algorithm === 'AES256') return { kind: 's3' };
  if (algorithm !== undefined && !isKms) {
    throw invalidArgument('The encryption method specified is not supported', sse, algorithm);
  }
  const defaults = bucket.encryption;
  const chosen = isKms ? algorithm : defaults.algorithm;
  if (chosen === undefined) return { kind: 's3' };
  requireSignature(call);
  // A request that names KMS and no key means the AWS managed key, whatever the bucket's default.
  const keyId = isKms ? input.SSEKMSKeyId || undefined : defaults.keyId;
  const context = input.SSEKMSEncryptionContext;
  const isDual = chosen === 'aws:kms:dsse';
  return {
    kind: 'kms',
    isDual,
    ...(keyId !== undefined && { keyId }),
    ...(context !== undefined && { context: readContext(context) }),
    usesBucketKey: !isDual && (input.BucketKeyEnabled ?? defaults.bucketKeyEnabled),
  };
}

/** KMS is asked in the caller's name, for which S3 needs a signature of today's form. @throws AwsError InvalidArgument */
export function requireSignature(call: Pick<Call, 'caller' | 'signatureVersion'>): void {
  if (call.caller.principal.kind !== 'anonymous' && call.signatureVersion !== 'AWS') return;
  throw invalidArgument(
    'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
    'Authorization',
    'null',
  );
}

function readContext(header: string): Record<string, string> {
  const map = header.length <= contextLimit ? parsed(header) : undefined;
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map);
  // Unpaired surrogates are no text: two of them could be one to KMS.
  const isText = ([name, value]: [string, unknown]) =>
    typeof value === 'string' && value.isWellFormed() && name.isWellFormed();
  if (isMap && Object.entries(map).every(isText)) return map as Record<string, string>;
  throw invalidArgument(
    `The header '${sse}-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`,
    `${sse}-context`,
    header.slice(0, 128),
  );
}

function parsed(header: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'base64')));
  } catch {
    return undefined;
  }
}
