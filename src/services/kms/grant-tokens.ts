/** Grant tokens. A grant acts at once here, so a token adds nothing; but it names a grant, and a forged one is refused. */
import { AwsError, type CheckCall } from '../service.ts';
import type { KeyRow } from './state.ts';

const purpose = 'kms grant token';

export interface TokenContent {
  readonly account: string;
  readonly region: string;
  readonly keyId: string;
  readonly grantId: string;
}

export function grantToken(call: CheckCall, key: KeyRow, grantId: string): string {
  const { account, region, id } = key;
  return call.sealer.seal(purpose, JSON.stringify([account, region, id, grantId]));
}

/** @throws AwsError InvalidGrantTokenException */
export function readGrantToken(call: CheckCall, token: string): TokenContent {
  const opened = call.sealer.open(purpose, token);
  if (!opened) throw new AwsError('InvalidGrantTokenException', 'The grant token is not valid.');
  const [account, region, keyId, grantId] = JSON.parse(Buffer.from(opened).toString()) as [
    string,
    string,
    string,
    string,
  ];
  return { account, region, keyId, grantId };
}
