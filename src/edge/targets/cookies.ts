/** The cookies by which a client stays with a target (AWSALB, AWSALBAPP-0) or with a target group (AWSALBTG). */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

export const targetCookie = 'AWSALB';
export const applicationCookie = 'AWSALBAPP-0';
export const groupCookie = 'AWSALBTG';

const signatureBytes = 16;

/** `mark.expiry.signature`: nobody can choose a target, or stay longer than its group allows. */
export function sealCookie(key: KeyObject, purpose: string, mark: string, expiresAt: number): string {
  const body = `${mark}.${Math.floor(expiresAt / 1000).toString(36)}`;
  return `${body}.${signature(key, purpose, body).toString('base64url')}`;
}

/** @returns the mark; undefined for what was not sealed for this purpose, or has expired */
export function openCookie(key: KeyObject, purpose: string, value: string, now: number): string | undefined {
  const end = value.lastIndexOf('.');
  if (end < 0 || value.length > 128) return undefined;
  const body = value.slice(0, end);
  const text = value.slice(end + 1);
  const given = Buffer.from(text, 'base64url');
  // The last character has bits that mean nothing: there is one way to write a signature, and no other.
  if (given.length !== signatureBytes || given.toString('base64url') !== text) return undefined;
  if (!timingSafeEqual(given, signature(key, purpose, body))) return undefined;
  const [mark = '', expiry = ''] = body.split('.');
  return Number.parseInt(expiry, 36) * 1000 > now ? mark : undefined;
}

function signature(key: KeyObject, purpose: string, body: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\n${body}`).digest().subarray(0, signatureBytes);
}

/** Of a cookie's pair, which browsers send where they would not send the first: from pages of other sites. */
export const forOthers = (name: string): string => `${name}CORS`;

/** The first cookie of this name in a Cookie header. */
export function cookieOf(header: string, name: string): string | undefined {
  if (!header.includes(name)) return undefined;
  for (const part of header.split(';', 300)) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
