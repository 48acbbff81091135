/** What must be so before a rule of a listener routes a request: users signed in, or a bearer token. */
import type {
  Action,
  AuthenticateOidcActionConfig,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Exchange } from '../exchange.ts';
import type { Head } from '../intake/head.ts';
import type { Meter } from '../reports/meter.ts';
import type { ListenerSettings, LoadBalancerSettings } from '../snapshot.ts';
import { cookieOf } from '../targets/cookies.ts';
import { validateBearer } from './bearer-tokens.ts';
import { AuthenticationFailure, type AuthenticationReason, metricsOf } from './failure.ts';
import type { Fetch } from './fetching.ts';
import type { KeySets } from './key-sets.ts';
import type { AuthenticationKeys } from './keys.ts';
import type { Renewals } from './renewals.ts';
import { nonceCookie, nonceCookieName } from './session.ts';
import { answerPath, SignIn } from './sign-in.ts';
import { hostAsSeen, isOfBrowser, openState, type State } from './state.ts';

/** What all listeners of a process share, whatever the snapshot. */
export interface Authentication {
  readonly fetch: Fetch;
  readonly keySets: KeySets;
  readonly renewals: Renewals;
  readonly now: () => number;
}

/** Resolves to `true` if the request may go on; otherwise it was answered. */
export type Guard = (exchange: Exchange, head: Head) => Promise<boolean>;

export interface GuardParts extends Authentication {
  readonly loadBalancer: Pick<LoadBalancerSettings, 'arn'>;
  readonly listener: Pick<ListenerSettings, 'arn' | 'protocol'>;
  /** Undefined where the snapshot has none: nobody is signed in then. */
  readonly keys: AuthenticationKeys | undefined;
  readonly meter: Meter;
}

/** A request with a longer target does not fit into the way to the identity provider and back. */
const mostTarget = 4_096;

export class Guards {
  readonly #parts: GuardParts;
  readonly #signIns = new Map<string, SignIn>();

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** Undefined for actions that need none, and for those that cannot be performed here. */
  for(actions: readonly Action[]): Guard | undefined {
    const [action, more] = actions.filter(({ Type = '' }) => guardTypes.has(Type));
    if (!action || more || this.#parts.listener.protocol !== 'HTTPS') return undefined;
    const { Type, JwtValidationConfig: jwt, AuthenticateOidcConfig: oidc } = action;
    if (Type === 'jwt-validation') return jwt && this.#bearer(jwt);
    return oidc && this.#user(oidc);
  }

  /** Whether a request is what identity providers answer by way of the client. */
  isAnswer({ path }: Head): boolean {
    return path === answerPath && this.#signIns.size > 0;
  }

  #bearer(config: JwtValidationActionConfig): Guard {
    const { meter } = this.#parts;
    return (exchange, head) => {
      exchange.outcome.actions.push('jwt-validation');
      return this.#answering(exchange, async () => {
        await validateBearer(head, config, this.#parts);
        meter.add('JWTValidationSuccessCount');
        return true;
      });
    };
  }

  #user(config: AuthenticateOidcActionConfig): Guard | undefined {
    const { loadBalancer, listener, keys, meter } = this.#parts;
    if (!keys) return undefined;
    const signIn = new SignIn({ ...this.#parts, keys, config, listenerArn: listener.arn, signer: loadBalancer.arn });
    // Rules that differ in nothing that matters here can finish what another has begun.
    this.#signIns.set(signIn.mark, signIn);
    return (exchange, head) => {
      exchange.outcome.actions.push('authenticate');
      return this.#answering(exchange, async () => {
        const found = await signIn.recognize(head.cookie);
        if ('reason' in found) return this.#stranger(exchange, head, signIn, found.reason);
        if (found.isRenewed) meter.add('ELBAuthRefreshTokenSuccess');
        for (const cookie of found.cookies) exchange.answerHeaders.push('set-cookie', cookie);
        exchange.insertedHeaders = [...exchange.insertedHeaders, ...signIn.headersFor(found.session)];
        return true;
      });
    };
  }

  /** The user comes back from the identity provider. Every such request is answered here. */
  async answer(exchange: Exchange, head: Head): Promise<void> {
    const { meter } = this.#parts;
    exchange.outcome.actions.push('authenticate');
    await this.#answering(exchange, async () => {
      const query = new URLSearchParams(head.query);
      const { state, signIn } = this.#returning(head, query);
      // One cookie for one attempt, whatever becomes of it.
      exchange.answerHeaders.push('set-cookie', nonceCookie('', 0));
      const code = codeIn(query, signIn);
      const from = performance.now();
      for (const cookie of await signIn.finish(state, { code, cookies: head.cookie })) {
        exchange.answerHeaders.push('set-cookie', cookie);
      }
      meter.add('ELBAuthLatency', performance.now() - from);
      meter.add('ELBAuthSuccess');
      // With scheme and host before it, no path can lead elsewhere.
      redirect(exchange, `https://${state.host}${state.target}`);
      return false;
    });
  }

  /** Who was sent away from here, in this browser. @throws AuthenticationFailure */
  #returning(head: Head, query: URLSearchParams): { readonly state: State; readonly signIn: SignIn } {
    const { keys, listener, now } = this.#parts;
    const sealed = query.get('state') ?? '';
    if (sealed === '' || !keys) throw new AuthenticationFailure('AuthMissingStateParam');
    const state = openState(keys, listener.arn, { sealed, now: now() });
    const signIn = state && this.#signIns.get(state.mark);
    if (!signIn || state.host !== hostAsSeen(head.host)) throw new AuthenticationFailure('AuthInvalidStateParam');
    const nonce = cookieOf(head.cookie, nonceCookieName) ?? '';
    if (nonce === '') throw new AuthenticationFailure('AuthMissingAWSALBAuthNonce');
    // Before the code is spent: whoever was sent here by somebody else must not use it up.
    if (!isOfBrowser(state, nonce)) throw new AuthenticationFailure('AuthInvalidAWSALBAuthNonce');
    return { state, signIn };
  }

  async #answering(exchange: Exchange, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return (await work()) && !exchange.isGone;
    } catch (error) {
      const isOurs = !(error instanceof AuthenticationFailure);
      if (isOurs) console.error(`bailey edge: request ${exchange.requestId}:`, error);
      const { reason, status } = isOurs ? new AuthenticationFailure('AuthUnhandledException', 500) : error;
      this.#count(reason);
      exchange.page(status, reason);
      return false;
    }
  }

  #count(reason: AuthenticationReason): void {
    for (const name of metricsOf(reason)) this.#parts.meter.add(name);
  }

  /** @returns whether the request goes on without a user */
  #stranger(exchange: Exchange, head: Head, signIn: SignIn, reason: AuthenticationReason | ''): boolean {
    const { OnUnauthenticatedRequest } = signIn.config;
    if (reason !== '') this.#count(reason);
    exchange.outcome.errorReason = reason;
    if (OnUnauthenticatedRequest === 'allow') return true;
    if (OnUnauthenticatedRequest !== 'authenticate') exchange.page(401, reason);
    else if (head.host === '') throw new AuthenticationFailure('AuthMissingHostHeader');
    else if (head.target.length > mostTarget) exchange.page(414, reason);
    else {
      const { location, cookie } = signIn.challenge(head.host, head.target.startsWith('/') ? head.target : '/');
      exchange.answerHeaders.push('set-cookie', cookie);
      redirect(exchange, location);
    }
    return false;
  }
}

/** Actions that guard, by type: a rule with one that cannot be made lets nobody pass. */
export const guardTypes: ReadonlySet<string> = new Set(['authenticate-oidc', 'jwt-validation']);

/** @throws AuthenticationFailure */
function codeIn(query: URLSearchParams, { config }: SignIn): string {
  // RFC 9207: the code of one provider does not go to another.
  const issuer = query.get('iss');
  if (issuer !== null && issuer !== config.Issuer) throw new AuthenticationFailure('AuthInvalidStateParam');
  const error = query.get('error');
  // "… or the IdP denied access"; everything else that it may say is an error of its own.
  if (error !== null) throw new AuthenticationFailure('AuthMissingCodeParam', error === 'access_denied' ? 401 : 561);
  const code = query.get('code') ?? '';
  if (code === '') throw new AuthenticationFailure('AuthMissingCodeParam');
  return code;
}

function redirect(exchange: Exchange, location: string): void {
  exchange.answer(302, ['location', location, 'cache-control', 'no-store', 'content-type', 'text/html'], '');
}

/** URLs that the listeners' actions name, for those who keep something for each. */
export function endpointsOf(listeners: readonly ListenerSettings[]): string[] {
  const actions = listeners.flatMap((one) => [...one.defaultActions, ...one.rules.flatMap((rule) => rule.actions)]);
  return actions.flatMap(({ AuthenticateOidcConfig: oidc, JwtValidationConfig: jwt }) =>
    [oidc?.TokenEndpoint, oidc?.UserInfoEndpoint, jwt?.JwksEndpoint].flatMap((url) => url ?? []),
  );
}
