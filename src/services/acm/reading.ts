/** What other rooms read of Certificate Manager: a certificate with its private key, for those who present it. */
import type { Reader } from '../../store/store.ts';
import { certificateAt } from './find.ts';
import { type ChallengeRow, namedBy, orders, privateKeys, regional } from './state.ts';

export interface PresentedCertificate {
  readonly account: string;
  /** PEM: the leaf and its chain. */
  readonly chain: string;
  /** PEM. */
  readonly privateKey: string;
}

/** In any account and region; undefined for certificates that are not issued. */
export async function presentedCertificate(reader: Reader, arn: string): Promise<PresentedCertificate | undefined> {
  const row = await certificateAt(reader, arn);
  if (row?.status !== 'ISSUED' || !row.content) return undefined;
  const key = await reader.get(privateKeys, regional(row), row.id);
  if (!key) return undefined;
  const { body, chain } = row.content;
  return {
    account: row.account,
    chain: chain === undefined ? `${body}\n` : `${body}\n${chain}\n`,
    privateKey: key.pem,
  };
}

export interface PendingChallenge extends Pick<ChallengeRow, 'domain' | 'way' | 'token' | 'answer'> {
  readonly account: string;
}

/** What the public authority may ask now, and what it is to be answered. */
export async function pendingChallenges(reader: Reader): Promise<readonly PendingChallenge[]> {
  const rows = await reader.list(orders, '');
  return rows.flatMap(({ id, value }) =>
    (value.open?.challenges ?? []).map((one) => ({ ...one, account: namedBy(id).account })),
  );
}
