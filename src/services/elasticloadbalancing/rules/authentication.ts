/** The action `authenticate-oidc`: checked, and completed with AWS's defaults. */
import type { Action, AuthenticateOidcActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalidAction, validation } from '../errors.ts';
import { httpsUrl } from './endpoints.ts';

/** Longest values: AWS documents none, and all of it comes with every snapshot. Of client ids its errors say it. */
const longest = { ClientId: 1024, ClientSecret: 4096, Scope: 1024, param: 1024 };
const mostParams = 10;
/** Seconds: 7 days, the default and the most. */
const longestSession = 604_800;

/** What the load balancer itself says to the authorization endpoint. */
const ownParams = new Set(['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'state', 'nonce']);

/**
 * @param before actions of the same rule as it was: where `UseExistingClientSecret` finds the secret
 * @throws AwsError ValidationError, InvalidLoadBalancerAction; none has the secret in its text
 */
export function authenticateOidc(
  config: AuthenticateOidcActionConfig | undefined,
  before: readonly Action[],
): AuthenticateOidcActionConfig {
  if (!config) throw validation("An 'AuthenticateOidcConfig' must be specified with 'authenticate-oidc' actions");
  const { Scope = 'openid', SessionCookieName = 'AWSELBAuthSessionCookie', SessionTimeout = longestSession } = config;
  const { OnUnauthenticatedRequest = 'authenticate', AuthenticationRequestExtraParams: params } = config;
  // "To verify … how to separate multiple values, see the documentation for your IdP."
  if (Scope.length > longest.Scope || !/^[ !#-[\]-~]+$/.test(Scope)) {
    throw validation(`The scope '${Scope}' is not valid`);
  }
  // A name that the cookies of stickiness have would take their place.
  if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(SessionCookieName) || /^AWSALB/i.test(SessionCookieName)) {
    throw validation(`The session cookie name '${SessionCookieName}' is not valid`);
  }
  if (SessionTimeout < 1 || SessionTimeout > longestSession) {
    throw validation(`The session timeout '${SessionTimeout}' must be between '1-${longestSession}' inclusive`);
  }
  const endpoints = {
    Issuer: httpsUrl('Issuer', config.Issuer),
    AuthorizationEndpoint: httpsUrl('AuthorizationEndpoint', config.AuthorizationEndpoint),
    TokenEndpoint: httpsUrl('TokenEndpoint', config.TokenEndpoint),
    UserInfoEndpoint: httpsUrl('UserInfoEndpoint', config.UserInfoEndpoint),
  };
  return {
    ...endpoints,
    ClientId: printable('ClientId', config.ClientId),
    ClientSecret: secretOf(config, before),
    SessionCookieName,
    Scope,
    SessionTimeout,
    ...(params && { AuthenticationRequestExtraParams: extraParams(params) }),
    OnUnauthenticatedRequest,
  };
}

/** The configuration as the API shows it. */
export function withoutSecret(action: Action): Action {
  if (!action.AuthenticateOidcConfig) return action;
  const { ClientSecret, ...shown } = action.AuthenticateOidcConfig;
  return { ...action, AuthenticateOidcConfig: shown };
}

function secretOf(config: AuthenticateOidcActionConfig, before: readonly Action[]): string {
  const { ClientSecret, UseExistingClientSecret = false, TokenEndpoint, ClientId } = config;
  if (!UseExistingClientSecret) return printable('ClientSecret', ClientSecret);
  if (ClientSecret !== undefined) {
    throw invalidAction('You cannot both specify a client secret and set UseExistingClientSecret to true');
  }
  const known = before.find(({ Type }) => Type === 'authenticate-oidc')?.AuthenticateOidcConfig;
  if (known?.ClientSecret === undefined) {
    throw invalidAction('You cannot set UseExistingClientSecret to true where there is no client secret yet');
  }
  // Whoever may change a rule, and was never told the secret, must not have it sent to an endpoint of their own.
  if (known.TokenEndpoint !== TokenEndpoint || known.ClientId !== ClientId) {
    throw invalidAction('The existing client secret can only be used with the same ClientId and TokenEndpoint');
  }
  return known.ClientSecret;
}

function printable(name: 'ClientId' | 'ClientSecret', value: string | undefined): string {
  const most = longest[name];
  if (name === 'ClientId' && (value === '' || (value?.length ?? 0) > most)) {
    throw invalidAction(`The 'client id' field must be between 1 and ${most} characters in length`);
  }
  if (value === undefined || value === '') throw validation(`A '${name}' must be specified`);
  if (value.length > most || !/^[ -~]+$/.test(value)) throw validation(`The '${name}' is not valid`);
  return value;
}

function extraParams(params: Record<string, string>): Record<string, string> {
  const all = Object.entries(params);
  if (all.length > mostParams) {
    throw validation(`The number of authentication request extra params cannot exceed '${mostParams}'`);
  }
  for (const [name, value] of all) {
    if (!/^[\w.~-]{1,128}$/.test(name))
      throw validation(`The authentication request extra param '${name}' is not valid`);
    if (ownParams.has(name)) throw validation(`The authentication request extra param '${name}' is reserved`);
    if (value.length > longest.param) throw validation(`The value of the extra param '${name}' is too long`);
  }
  return params;
}
