/** The actions of rules: checked as AWS does, and completed to the form in which they are shown. */
import type {
  Action,
  FixedResponseActionConfig,
  ForwardActionConfig,
  RedirectActionConfig,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalidAction, notBuilt, tooMany, validation } from '../errors.ts';
import { limits } from '../limits.ts';
import type { ListenerProtocol, LoadBalancerType } from '../state.ts';
import { authenticateOidc } from './authentication.ts';
import { jwtValidation } from './token-validation.ts';

/** Where the actions will act. */
export interface ActionPlace {
  readonly type: LoadBalancerType;
  readonly protocol: ListenerProtocol;
}

const routing: ReadonlySet<string> = new Set(['forward', 'redirect', 'fixed-response']);
/** What must be so before a request is routed. */
const guarding: ReadonlySet<string> = new Set(['authenticate-oidc', 'jwt-validation']);

/**
 * In the order in which they are performed. Target groups are not looked up here.
 * @param before actions of the same rule as it was
 * @throws AwsError ValidationError, InvalidLoadBalancerAction, TooManyTargetGroups, NotImplemented
 */
export function readActions(given: readonly Action[], place: ActionPlace, before: readonly Action[] = []): Action[] {
  if (given.length === 0) throw validation('An action must be specified');
  return inOrder(given, place).map((action) => {
    const { Type } = action;
    // Shown only where it was given: clients compare what they sent with what they read.
    const order = action.Order === undefined ? {} : { Order: action.Order };
    requireOwnMembers(action);
    if (place.type === 'network' && Type !== 'forward') {
      throw invalidAction(`The action type '${Type}' is not valid with network load balancer`);
    }
    switch (Type) {
      case 'authenticate-oidc':
        return { Type, ...order, AuthenticateOidcConfig: authenticateOidc(action.AuthenticateOidcConfig, before) };
      case 'jwt-validation':
        return { Type, ...order, JwtValidationConfig: jwtValidation(action.JwtValidationConfig) };
      case 'redirect':
        return { Type, ...order, RedirectConfig: redirect(action.RedirectConfig, place.protocol) };
      case 'fixed-response':
        return { Type, ...order, FixedResponseConfig: fixedResponse(action.FixedResponseConfig) };
      default:
        return { Type: 'forward', ...order, ...forward(action, place.type) };
    }
  });
}

/** @see Elastic Load Balancing User Guide, "Rule action types": one routing action, and it is the last */
function inOrder(given: readonly Action[], { type, protocol }: ActionPlace): Action[] {
  if (given.some(({ Type }) => Type === 'authenticate-cognito')) {
    throw notBuilt("The action 'authenticate-cognito' needs Amazon Cognito, which");
  }
  const other = given.find(({ Type = '' }) => !routing.has(Type) && !guarding.has(Type));
  if (other) throw notBuilt(`The action '${other.Type}'`);
  const [guard, second] = given.filter(({ Type = '' }) => guarding.has(Type));
  if (given.length - (guard ? 1 : 0) > 1 && !second) {
    throw invalidAction('Only one action of the types forward, redirect and fixed-response can be specified');
  }
  if (!guard) return [...given];
  if (second) throw invalidAction('Only one action of the types authenticate-oidc and jwt-validation can be specified');
  if (type === 'network' || protocol !== 'HTTPS') {
    throw invalidAction(`Actions of type '${guard.Type}' are supported only on HTTPS listeners`);
  }
  const [first, last] = [...given].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  if (!last) throw invalidAction('An action of the type forward, redirect or fixed-response must be specified');
  if (first?.Order === undefined || last.Order === undefined) {
    throw validation('The order must be specified for each action where there is more than one');
  }
  if (first.Order === last.Order) throw validation(`The order '${last.Order}' is specified more than once`);
  if (last === guard) {
    throw invalidAction('The last action must be of one of the types forward, redirect and fixed-response');
  }
  return [first, last];
}

/** ARNs of the target groups that actions forward to. */
export function targetGroupsOf(actions: readonly Action[]): string[] {
  return actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  );
}

const members = [
  ['redirect', 'RedirectConfig'],
  ['fixed-response', 'FixedResponseConfig'],
  ['forward', 'ForwardConfig'],
  ['forward', 'TargetGroupArn'],
  ['authenticate-oidc', 'AuthenticateOidcConfig'],
  ['authenticate-cognito', 'AuthenticateCognitoConfig'],
  ['jwt-validation', 'JwtValidationConfig'],
] as const;

function requireOwnMembers(action: Action): void {
  for (const [type, member] of members) {
    if (action.Type !== type && action[member] !== undefined) {
      throw validation(`The '${member}' field is not compatible with the action type '${action.Type}'`);
    }
  }
}

function forward(
  { TargetGroupArn, ForwardConfig }: Action,
  type: LoadBalancerType,
): { readonly TargetGroupArn?: string; readonly ForwardConfig: ForwardActionConfig } {
  const given = ForwardConfig?.TargetGroups ?? [];
  const tuples = given.length > 0 ? given : TargetGroupArn === undefined ? [] : [{ TargetGroupArn }];
  if (tuples.length === 0) throw validation('A target group ARN must be specified');
  if (TargetGroupArn !== undefined && (tuples.length > 1 || tuples[0]?.TargetGroupArn !== TargetGroupArn)) {
    throw validation(
      'You can specify only one target group in ForwardConfig, the same as TargetGroupArn, if you specify both',
    );
  }
  const most = limits[`target-groups-per-action-on-${type}-load-balancer`];
  if (tuples.length > most) throw tooMany('TooManyTargetGroups', most, 'target groups of an action');
  const seen = new Set<string>();
  const TargetGroups = tuples.map(({ TargetGroupArn: arn, Weight = 1 }): TargetGroupTuple => {
    if (arn === undefined) throw validation('A target group ARN must be specified');
    if (seen.has(arn)) throw validation(`The target group '${arn}' is specified more than once`);
    seen.add(arn);
    if (Weight < 0 || Weight > 999) throw validation(`The weight '${Weight}' must be between '0-999' inclusive`);
    return { TargetGroupArn: arn, Weight };
  });
  const { Enabled = false, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {};
  if (Enabled && DurationSeconds === undefined) {
    throw validation('A duration must be specified when target group stickiness is enabled');
  }
  if (DurationSeconds !== undefined && (DurationSeconds < 1 || DurationSeconds > 604_800)) {
    throw validation(`The stickiness duration '${DurationSeconds}' must be between '1-604800' inclusive`);
  }
  const only = TargetGroups.length === 1 ? TargetGroups[0]?.TargetGroupArn : undefined;
  return {
    ...(only !== undefined && { TargetGroupArn: only }),
    ForwardConfig: {
      TargetGroups,
      TargetGroupStickinessConfig: { Enabled, ...(DurationSeconds !== undefined && { DurationSeconds }) },
    },
  };
}

function redirect(config: RedirectActionConfig | undefined, from: ListenerProtocol): RedirectActionConfig {
  if (!config) throw validation("A 'RedirectConfig' must be specified with 'redirect' actions");
  const {
    Protocol = '#{protocol}',
    Port = '#{port}',
    Host = '#{host}',
    Path = '/#{path}',
    Query = '#{query}',
    StatusCode,
  } = config;
  if (Port !== '#{port}' && !(/^\d{1,5}$/.test(Port) && Number(Port) >= 1 && Number(Port) <= 65_535)) {
    throw validation(`The redirect port '${Port}' must be between '1-65535' inclusive, or #{port}`);
  }
  if (!Path.startsWith('/')) throw validation(`The redirect path '${Path}' must start with '/'`);
  for (const [name, value] of Object.entries({ Host, Path, Query })) {
    // Anything else could begin another header in the answer.
    if (!/^[\x21-\x7e]*$/.test(value)) throw validation(`The redirect ${name.toLowerCase()} '${value}' is not valid`);
  }
  const unknown = `${Host}${Path}${Query}`.replace(/#\{(?:protocol|host|port|path|query)\}/g, '');
  if (unknown.includes('#{')) throw validation('The redirect configuration contains an unknown keyword');
  if (from === 'HTTPS' && Protocol === 'HTTP') throw invalidAction('You cannot redirect HTTPS requests to HTTP');
  const isSame =
    (Protocol === '#{protocol}' || Protocol === from) &&
    Port === '#{port}' &&
    Host === '#{host}' &&
    Path === '/#{path}';
  if (isSame) throw invalidAction('The redirect configuration is not valid because it creates a loop');
  return { Protocol, Port, Host, Path, Query, StatusCode };
}

const contentTypes = ['text/html', 'application/json', 'application/javascript', 'text/css', 'text/plain'];

function fixedResponse(config: FixedResponseActionConfig | undefined): FixedResponseActionConfig {
  if (!config) throw validation("A 'FixedResponseConfig' must be specified with 'fixed-response' actions");
  const { StatusCode, ContentType, MessageBody } = config;
  if (ContentType !== undefined && !contentTypes.includes(ContentType)) {
    throw validation(`The ContentType must be one of:'${contentTypes.join("', '")}'`);
  }
  return {
    StatusCode,
    ...(ContentType !== undefined && { ContentType }),
    ...(MessageBody !== undefined && { MessageBody }),
  };
}
