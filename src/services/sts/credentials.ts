/** Temporary credentials: a new access key whose secret and session travel sealed in its token. */
import type { Credentials } from '@aws-sdk/client-sts';
import type { Call, Principal, Session } from '../service.ts';
import type { StsPorts } from './ports.ts';
import { mintSession } from './session.ts';

/** AWS tells times in whole seconds: sessions begin and end on them. */
export function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

/** @param account of the principal */
export function issueCredentials(
  call: Pick<Call, 'random' | 'sealer'>,
  ports: StsPorts,
  account: string,
  principal: Principal,
  session: Session,
): Credentials {
  const accessKeyId = ports.accessKeys.temporaryId(account, call.random);
  const secret = ports.accessKeys.secret(call.random);
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secret,
    SessionToken: mintSession(call.sealer, { accessKeyId, secret, principal, account, session }),
    Expiration: new Date(session.expiresAt),
  };
}
