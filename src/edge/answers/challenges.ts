/**
 * Answers to a certificate authority that asks over HTTP whether a name is ours (RFC 8555, 8.3): for tokens that wait,
 * on behalf of the account that has ordered, and of nobody else.
 */
import type { Exchange } from '../exchange.ts';
import { hostNameOf } from '../routing/request.ts';
import type { ChallengeSettings } from '../snapshot.ts';

const prefix = '/.well-known/acme-challenge/';
/** What is said by others is neither a path nor a text of its own accord. */
const tokenShape = /^[A-Za-z0-9_-]{22,128}$/;
const answerShape = /^[A-Za-z0-9_-]{22,128}\.[A-Za-z0-9_-]{43}$/;

const headers = ['content-type', 'text/plain', 'x-content-type-options', 'nosniff', 'cache-control', 'no-store'];

export class Challenges {
  readonly #answers = new Map<string, string>();

  constructor(settings: readonly ChallengeSettings[] = []) {
    for (const { account, host, token, answer } of settings) {
      if (!tokenShape.test(token) || !answerShape.test(answer)) continue;
      this.#answers.set(`${account} ${host} ${token}`, answer);
    }
  }

  /** Answers a question of an authority. @returns false for everything else */
  answer(exchange: Exchange, account: string): boolean {
    const { head } = exchange;
    if (this.#answers.size === 0 || head?.method !== 'GET' || !head.target.startsWith(prefix)) return false;
    const token = head.target.slice(prefix.length);
    const answer = this.#answers.get(`${account} ${hostNameOf(head.host)} ${token}`);
    if (answer === undefined) return false;
    exchange.answer(200, headers, answer);
    return true;
  }
}
