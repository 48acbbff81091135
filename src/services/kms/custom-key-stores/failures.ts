/** What goes wrong between KMS and an external key store proxy, and what a caller learns of it ("Error codes", XKS Proxy API). */
import type { ConnectionErrorCodeType } from '@aws-sdk/client-kms';
import { AwsError } from '../../service.ts';

/** Error names that a proxy may answer, and what KMS finds out by itself. */
export type XksProblem =
  | 'ValidationException'
  | 'InvalidStateException'
  | 'InvalidCiphertextException'
  | 'InvalidKeyUsageException'
  | 'AuthenticationFailedException'
  | 'AccessDeniedException'
  | 'KeyNotFoundException'
  | 'InvalidUriPathException'
  | 'ThrottlingException'
  | 'UnsupportedOperationException'
  | 'DependencyTimeoutException'
  | 'InternalException'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'malformed'
  /** No key manager behind the proxy can serve. */
  | 'unavailable'
  /** What came back from the proxy was not what KMS had given it. */
  | 'foreign-ciphertext';

interface Meaning {
  readonly text: string;
  /** Of CreateCustomKeyStore and UpdateCustomKeyStore. */
  readonly store: string;
  /** Of CreateKey. */
  readonly key: string;
  readonly connection: ConnectionErrorCodeType;
}

const report = 'If you see this error repeatedly, report it to your external key store proxy administrator.';
const inStore = 'The external key associated with this KMS key in an external key store';
const uninterpreted = `AWS KMS cannot interpret the response from the external key store proxy. ${report}`;
const unconnectable =
  'AWS KMS cannot communicate with the external key store proxy. This might be a transient network issue. If you see this error repeatedly, verify that your external key store proxy is active and is connected to the network, and that its endpoint URI is correct in your external key store.';

const invalidState = 'CustomKeyStoreInvalidStateException';
const invalidResponse = 'XksProxyInvalidResponseException';
const invalidKey = 'XksKeyInvalidConfigurationException';
const notReached = 'XksProxyUriUnreachableException';

const meaning = (
  text: string,
  store: string,
  key: string,
  connection: ConnectionErrorCodeType = 'XKS_PROXY_INVALID_RESPONSE',
): Meaning => ({ text, store, key, connection });

const meanings: Readonly<Record<XksProblem, Meaning>> = {
  ValidationException: meaning(uninterpreted, invalidResponse, invalidState),
  InvalidStateException: meaning(
    `${inStore} is not enabled in the external key manager. Enable the external key in the external key manager and retry the request.`,
    invalidResponse,
    invalidKey,
  ),
  InvalidCiphertextException: meaning(
    'The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid.',
    invalidResponse,
    invalidState,
  ),
  InvalidKeyUsageException: meaning(
    `${inStore} does not support the requested operation. Enable the operation on the key in your external key manager, and try the request again.`,
    invalidResponse,
    invalidKey,
  ),
  AuthenticationFailedException: meaning(
    'The external key store proxy rejected the request because it could not authenticate AWS KMS. Verify the XKS proxy authentication credentials for your external key store and update if necessary.',
    'XksProxyIncorrectAuthenticationCredentialException',
    invalidState,
    'INVALID_CREDENTIALS',
  ),
  AccessDeniedException: meaning(
    'The external key store proxy denied access to the operation. Verify that the user and the external key are both authorized for this operation, and try the request again.',
    invalidResponse,
    'KMSInvalidStateException',
    'XKS_PROXY_ACCESS_DENIED',
  ),
  KeyNotFoundException: meaning(
    `${inStore} was not found in its external key manager. If the external key ID associated with this KMS key is incorrect, create a new KMS key with the correct external key ID.`,
    invalidResponse,
    'XksKeyNotFoundException',
  ),
  InvalidUriPathException: meaning(
    'The external key store proxy rejected the request because of an invalid URI path. Verify the URI path for your external key store and update if necessary.',
    'XksProxyInvalidConfigurationException',
    invalidState,
    'XKS_PROXY_INVALID_CONFIGURATION',
  ),
  ThrottlingException: meaning(
    'The external key store proxy rejected the request due to a very high request rate. Reduce the frequency of your calls using KMS keys in this external key store.',
    notReached,
    invalidState,
    'XKS_PROXY_NOT_REACHABLE',
  ),
  UnsupportedOperationException: meaning(
    `The external key store proxy rejected the request because it does not support the requested operation. ${report}`,
    invalidResponse,
    // The specification names an exception here that the API model does not have.
    invalidKey,
  ),
  DependencyTimeoutException: meaning(
    `The external key store proxy did not respond to the request in the time allotted. Retry the request. ${report}`,
    notReached,
    invalidState,
    'XKS_PROXY_TIMED_OUT',
  ),
  InternalException: meaning(
    'The external key store proxy rejected the request because it cannot communicate with the external key manager. Verify that the external key store proxy configuration is correct and that the external key manager is available.',
    invalidResponse,
    invalidState,
  ),
  unreachable: meaning(unconnectable, notReached, invalidState, 'XKS_PROXY_NOT_REACHABLE'),
  tls: meaning(
    'AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the TLS configuration, including its certificate.',
    notReached,
    invalidState,
    'XKS_PROXY_INVALID_TLS_CONFIGURATION',
  ),
  timeout: meaning(
    `AWS KMS rejected the request because the external key store proxy did not respond in time. Retry the request. ${report}`,
    notReached,
    invalidState,
    'XKS_PROXY_TIMED_OUT',
  ),
  malformed: meaning(uninterpreted, invalidResponse, invalidState),
  unavailable: meaning(
    'The external key store proxy reports that all external key manager instances are unavailable.',
    notReached,
    invalidState,
    'XKS_PROXY_NOT_REACHABLE',
  ),
  'foreign-ciphertext': meaning(
    'The ciphertext that the external key store proxy submitted for decryption, or the encryption context, is corrupted, missing, or otherwise invalid.',
    invalidResponse,
    invalidState,
  ),
};

const answered = new Set(Object.keys(meanings).filter((name) => name.endsWith('Exception')));

/** Whether a proxy may answer this error name. */
export const isProxyError = (name: unknown): name is XksProblem => typeof name === 'string' && answered.has(name);

/** Thrown by the client of a proxy. */
export class XksFailure extends Error {
  override readonly name = 'XksFailure';
  readonly problem: XksProblem;
  constructor(problem: XksProblem) {
    super(problem);
    this.problem = problem;
  }

  /** Why a store does not connect. */
  get connectionError(): ConnectionErrorCodeType {
    return meanings[this.problem].connection;
  }
}

type Asker = 'store' | 'key' | 'use';

/**
 * A failure in the words of the operation that met it.
 * @throws AwsError always, or what was thrown if it was something else
 */
export function xksFault(error: unknown, asker: Asker): never {
  if (!(error instanceof XksFailure)) throw error;
  const { text, store, key } = meanings[error.problem];
  throw new AwsError({ store, key, use: 'KMSInvalidStateException' }[asker], text);
}
