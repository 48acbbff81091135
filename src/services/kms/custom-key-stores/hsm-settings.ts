/** Key stores of type AWS_CLOUDHSM: which cluster, whose certificate, and what its refusals mean. */
import { X509Certificate } from 'node:crypto';
import type { ConnectionErrorCodeType, CreateCustomKeyStoreRequest } from '@aws-sdk/client-kms';
import { AwsError } from '../../service.ts';
import { invalidState, validation, vaultFault } from '../errors.ts';
import { type HsmClusters, type KmsPorts, VaultError } from '../ports.ts';
import type { CustomKeyStoreRow } from './state.ts';

export type HsmInput = Pick<
  CreateCustomKeyStoreRequest,
  'CloudHsmClusterId' | 'TrustAnchorCertificate' | 'KeyStorePassword'
>;
export type WholeHsmInput = { readonly [K in keyof HsmInput]-?: string };

export const hsmMembers = ['CloudHsmClusterId', 'TrustAnchorCertificate', 'KeyStorePassword'] as const;

/** @throws AwsError ValidationException */
export function requireHsmMembers(input: HsmInput): WholeHsmInput {
  const { CloudHsmClusterId, TrustAnchorCertificate, KeyStorePassword } = input;
  if (CloudHsmClusterId && TrustAnchorCertificate && KeyStorePassword) {
    return { CloudHsmClusterId, TrustAnchorCertificate, KeyStorePassword };
  }
  const missing = hsmMembers.filter((name) => input[name] === undefined);
  throw validation(`${missing.join(', ')} must be specified for a key store of type AWS_CLOUDHSM.`);
}

interface Wanted {
  readonly account: string;
  readonly clusterId: string;
  readonly trustAnchor: string;
}

/** The cluster is the account's, nobody else's store has it, and the certificate is its own. @throws AwsError */
export function requireCluster(
  { account, clusterId, trustAnchor }: Wanted,
  clusters: HsmClusters,
  others: readonly CustomKeyStoreRow[],
): void {
  const cluster = clusters.get(clusterId);
  if (cluster?.account !== account) {
    throw new AwsError('CloudHsmClusterNotFoundException', `There is no cluster ${clusterId}.`);
  }
  if (others.some(({ hsm }) => hsm?.clusterId === clusterId)) {
    throw new AwsError('CloudHsmClusterInUseException', `${clusterId} is associated with another key store.`);
  }
  const given = fingerprint(trustAnchor);
  if (given === undefined || (cluster.trustAnchor !== undefined && fingerprint(cluster.trustAnchor) !== given)) {
    throw new AwsError('IncorrectTrustAnchorException', 'The trust anchor certificate is not the one of the cluster.');
  }
}

/** Undefined for what is no certificate. */
function fingerprint(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return undefined;
  }
}

/** @throws AwsError CloudHsmClusterNotActiveException */
export async function requireActive(vault: KmsPorts['vault'], clusterId: string): Promise<void> {
  await vault.checkToken(clusterId).catch((error) => {
    if (!(error instanceof VaultError) || error.code !== 'token-refused') throw error;
    throw new AwsError('CloudHsmClusterNotActiveException', `The cluster ${clusterId} is not active.`);
  });
}

/** Refusals of a token, and what is wrong with the connection. */
const problems: Readonly<Record<string, ConnectionErrorCodeType>> = {
  'cluster-unknown': 'CLUSTER_NOT_FOUND',
  'slot-missing': 'INSUFFICIENT_CLOUDHSM_HSMS',
  'module-unavailable': 'NETWORK_ERRORS',
  CKR_PIN_INCORRECT: 'INVALID_CREDENTIALS',
  CKR_PIN_INVALID: 'INVALID_CREDENTIALS',
  CKR_PIN_LEN_RANGE: 'INVALID_CREDENTIALS',
  CKR_PIN_LOCKED: 'USER_LOCKED_OUT',
  CKR_PIN_EXPIRED: 'USER_LOCKED_OUT',
  CKR_USER_PIN_NOT_INITIALIZED: 'USER_NOT_FOUND',
  CKR_USER_ANOTHER_ALREADY_LOGGED_IN: 'USER_LOGGED_IN',
  CKR_DEVICE_ERROR: 'NETWORK_ERRORS',
};

/** Why a token does not connect; throws what is no refusal of a token. */
export function tokenProblem(error: unknown): ConnectionErrorCodeType {
  if (!(error instanceof VaultError) || error.code !== 'token-refused') throw error;
  return problems[error.message] ?? 'INTERNAL_ERROR';
}

/** A token that fails while a key in it is used. @throws always */
export function tokenFault(error: unknown, arn: string): never {
  if (!(error instanceof VaultError) || error.code !== 'token-refused') return vaultFault(error, arn);
  if (error.message === 'key-missing') throw invalidState(arn, 'has no key material in its AWS CloudHSM cluster.');
  throw invalidState(arn, 'cannot be used: its AWS CloudHSM cluster does not answer as it should.');
}
