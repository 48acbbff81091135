/** Temporary credentials: a new access key whose secret and session travel sealed in its token. */
import type { Credentials } from '@aws-sdk/client-sts';
import type { Call, Principal, Session } from '../service.ts';
import { packedPolicyTooLarge, validationError } from './errors.ts';
import type { StsPorts } from './ports.ts';
import { mintSession } from './session.ts';

/** AWS tells times in whole seconds: sessions begin and end on them. */
export function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

/** "The value must not exceed 4,096 bytes", which is also the whole of which SessionTokenUtilization is a part. */
const largestToken = 4096;

/** What every operation that issues credentials answers: to be spread into its output. */
export interface Issued {
  readonly Credentials: Credentials;
  /** Characters. */
  readonly SessionTokenSize: number;
  /** Percent. */
  readonly SessionTokenUtilization: number;
}

/**
 * @param account of the principal
 * @param leastSize MinimumSessionTokenSize of the request
 * @throws ValidationError, and PackedPolicyTooLarge when the session does not fit into a token
 */
export function issueCredentials(
  call: Pick<Call, 'random' | 'sealer'>,
  ports: Pick<StsPorts, 'accessKeys'>,
  account: string,
  principal: Principal,
  session: Session,
  leastSize = 0,
): Issued {
  if (leastSize < 0 || leastSize > largestToken) {
    throw validationError(
      `1 validation error detected: Value '${leastSize}' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value between 0 and ${largestToken}, inclusive`,
    );
  }
  const accessKeyId = ports.accessKeys.temporaryId(account, call.random);
  const secret = ports.accessKeys.secret(call.random);
  const token = mintSession(call.sealer, { accessKeyId, secret, principal, account, session }, leastSize);
  const utilization = Math.ceil((token.length * 100) / largestToken);
  if (token.length > largestToken) {
    throw packedPolicyTooLarge(`Packed policy consumes ${utilization}% of allotted space, please use smaller policy.`);
  }
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secret,
      SessionToken: token,
      Expiration: new Date(session.expiresAt),
    },
    SessionTokenSize: token.length,
    SessionTokenUtilization: utilization,
  };
}
