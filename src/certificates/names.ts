/** Subject alternative names: what a certificate is good for. */
import { isIP } from 'node:net';
import type { JsonGeneralName } from '@peculiar/x509';

/** `spiffe://bailey/…`: the trust domain of this instance's own people and machines. */
const trustDomain = 'bailey';

/** @param name a DNS name (also `*.name`), an IP address, or a `spiffe:` URI */
export function generalName(name: string): JsonGeneralName {
  if (isIP(name) !== 0) return { type: 'ip', value: name };
  if (name.startsWith('spiffe:')) return { type: 'url', value: name };
  return { type: 'dns', value: name };
}

/**
 * The SPIFFE id of a principal: `spiffe://bailey/111122223333/user/rudy`.
 * @param arn of a user or role
 * @throws Error for another ARN
 */
export function spiffeOf(arn: string): string {
  const [, account, path] = /^arn:aws[a-z-]*:iam::(\d{12}):((?:user|role)\/[\w+=,.@/-]+)$/.exec(arn) ?? [];
  if (account === undefined) throw new Error(`${arn} is not the ARN of an IAM user or role.`);
  return `spiffe://${trustDomain}/${account}/${path}`;
}

/** The ARN behind a SPIFFE id, if it is one of ours. */
export function arnOfSpiffe(id: string): string | undefined {
  const [, account, path] = new RegExp(`^spiffe://${trustDomain}/(\\d{12})/((?:user|role)/.+)$`).exec(id) ?? [];
  return account === undefined ? undefined : `arn:aws:iam::${account}:${path}`;
}
