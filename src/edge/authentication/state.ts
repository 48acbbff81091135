/** What travels with a user to the identity provider and back, as `state`: sealed, so that nobody else writes it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthenticationKeys } from './keys.ts';

export interface State {
  /** Of the sign-in that sent the user away. */
  readonly mark: string;
  /** Of the cookie: only the browser that was sent away has it. */
  readonly nonce: string;
  /** Where the user wanted to go: to this host and no other. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  /** Epoch milliseconds. */
  readonly from: number;
}

/** "The client must initiate and complete the authentication process within 15 minutes." */
export const signInMs = 15 * 60_000;

const purpose = (listenerArn: string): string => `state ${listenerArn}`;

export function sealState(keys: AuthenticationKeys, listenerArn: string, state: State): string {
  return keys.seal(purpose(listenerArn), JSON.stringify(state));
}

/** Undefined for what this listener has not sent with anybody, and for what is over. */
export function openState(
  keys: AuthenticationKeys,
  listenerArn: string,
  { sealed, now }: { readonly sealed: string; readonly now: number },
): State | undefined {
  const text = keys.open(purpose(listenerArn), sealed);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as State;
  return now - state.from < signInMs ? state : undefined;
}

/** @param nonce of the cookie: whoever was sent here with the state of somebody else does not have it */
export function isOfBrowser(state: State, nonce: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(state.nonce), digest(nonce));
}

/** A host as browsers write it: without the port that https means anyway. */
export const hostAsSeen = (host: string): string => host.toLowerCase().replace(/:443$/, '');
