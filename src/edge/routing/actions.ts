/** What a rule does: forward, redirect, answer, or say that it cannot do what it was asked. */
import type {
  Action,
  FixedResponseActionConfig,
  RedirectActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RoutedRequest } from './request.ts';

export type CompiledAction =
  | {
      readonly kind: 'forward';
      readonly groups: readonly { readonly arn: string; readonly weight: number }[];
      readonly totalWeight: number;
      /** Seconds for which a client stays with its group. */
      readonly stickySeconds?: number;
    }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: (request: RoutedRequest) => string }
  | { readonly kind: 'fixed-response'; readonly status: number; readonly contentType: string; readonly body: string }
  /** What cannot be done here: nobody passes. */
  | { readonly kind: 'not-built'; readonly type: string };

const built = new Set(['forward', 'redirect', 'fixed-response']);

/**
 * A listener without a routing action answers 503, as one whose group is empty.
 * @param guarding types of actions that somebody else performs before
 */
export function compileActions(actions: readonly Action[], guarding?: ReadonlySet<string>): CompiledAction {
  const others = actions.filter(({ Type = '' }) => !guarding?.has(Type));
  const ordered = others.sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  const unbuilt = ordered.find(({ Type }) => !built.has(Type ?? ''));
  if (unbuilt) return { kind: 'not-built', type: String(unbuilt.Type) };
  const last = ordered.at(-1);
  if (last?.Type === 'redirect' && last.RedirectConfig) return redirect(last.RedirectConfig);
  if (last?.Type === 'fixed-response' && last.FixedResponseConfig) return fixedResponse(last.FixedResponseConfig);
  return last ? forward(last) : { kind: 'forward', groups: [], totalWeight: 0 };
}

/** The ARN of one of the groups that connections are sent to. @param random 0 up to but not including 1 */
export function anyGroupOf(action: CompiledAction, random: number): string | undefined {
  if (action.kind !== 'forward') return undefined;
  let rest = random * action.totalWeight;
  const chosen = action.groups.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
  return chosen?.arn;
}

function forward(action: Action): CompiledAction {
  const tuples = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
  const groups = tuples.flatMap(({ TargetGroupArn, Weight = 1 }) =>
    TargetGroupArn === undefined ? [] : [{ arn: TargetGroupArn, weight: Weight }],
  );
  const sticky = action.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    kind: 'forward',
    groups,
    totalWeight: groups.reduce((sum, { weight }) => sum + weight, 0),
    ...(sticky?.Enabled && sticky.DurationSeconds !== undefined && { stickySeconds: sticky.DurationSeconds }),
  };
}

function fixedResponse(config: FixedResponseActionConfig): CompiledAction {
  return {
    kind: 'fixed-response',
    status: Number(config.StatusCode),
    contentType: config.ContentType ?? 'text/plain',
    body: config.MessageBody ?? '',
  };
}

/** @see Elastic Load Balancing User Guide, "Redirect actions": what is left out keeps its value. */
function redirect(config: RedirectActionConfig): CompiledAction {
  const {
    Protocol = '#{protocol}',
    Port = '#{port}',
    Host = '#{host}',
    Path = '/#{path}',
    Query = '#{query}',
  } = config;
  return {
    kind: 'redirect',
    status: config.StatusCode === 'HTTP_301' ? 301 : 302,
    location(request) {
      const parts: Record<string, string> = {
        protocol: request.isSecure ? 'HTTPS' : 'HTTP',
        host: request.hostName,
        port: String(request.port),
        path: request.head.path.replace(/^\//, ''),
        query: request.head.query,
      };
      const fill = (text: string): string => text.replace(/#\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
      const scheme = fill(Protocol).toLowerCase();
      const port = fill(Port);
      const query = fill(Query);
      return `${scheme}://${fill(Host)}:${port}${fill(Path)}${query === '' ? '' : `?${query}`}`;
    },
  };
}
