/** Replays requests through the managed groups, in this process: what is blocked, by which rule, on what evidence. */
import { managedRuleGroup } from '../../src/engines/waf/managed/index.ts';
import type { HttpRequest } from '../../src/engines/waf/request.ts';
import type { MatchDetail } from '../../src/engines/waf/verdict.ts';
import type { NamedValue, RequestView } from '../../src/engines/waf/view.ts';

/** The groups that Bailey's documentation recommends for any application. */
export const defaultGroups = [
  'AWSManagedRulesCommonRuleSet',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesSQLiRuleSet',
  'AWSManagedRulesLinuxRuleSet',
  'AWSManagedRulesUnixRuleSet',
  'AWSManagedRulesWindowsRuleSet',
  'AWSManagedRulesPHPRuleSet',
  'AWSManagedRulesWordPressRuleSet',
] as const;

const rules = defaultGroups.flatMap((name) => managedRuleGroup('AWS', name, undefined, [])!.Rules);

export interface Hit {
  readonly rule: string;
  readonly details: readonly MatchDetail[];
}

/** The first rule that blocks. */
export function blockedBy(request: HttpRequest, memory: Map<object, unknown> = new Map()): Hit | undefined {
  const view = viewOf(request, memory);
  for (const rule of rules) {
    if (rule.Action.Block === undefined) continue;
    const details = rule.inspect!(view);
    if (details.length > 0) return { rule: rule.Name, details };
  }
  return undefined;
}

export function viewOf(request: HttpRequest, memory: Map<object, unknown>): RequestView {
  const kept = new Map<object, unknown>();
  const headers = new Map<string, string>();
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    const before = headers.get(lower);
    headers.set(lower, before === undefined ? value : `${before},${value}`);
  }
  const remembered = <T>(store: Map<object, unknown>, key: object, make: () => T): T => {
    if (!store.has(key)) store.set(key, make());
    return store.get(key) as T;
  };
  const view: RequestView = {
    request,
    now: 0,
    queryArguments: split(request.query, '&'),
    cookies: split(headers.get('cookie') ?? '', ';'),
    body: Buffer.from(request.body).toString('latin1'),
    isBodyOversize: request.bodySize > request.body.length,
    header: (name) => headers.get(name),
    hasLabel: () => false,
    addLabel: () => undefined,
    labels: [],
    token: () => ({ isValid: false, failure: 'TOKEN_MISSING' }),
    once: (key, make) => remembered(kept, key, () => make(view)),
    memory: (key, make) => remembered(memory, key, make),
  };
  return view;
}

function split(text: string, sign: string): NamedValue[] {
  if (text === '') return [];
  return text.split(sign).map((piece) => {
    const equals = piece.indexOf('=');
    return equals < 0
      ? { name: piece.trim(), value: '' }
      : { name: piece.slice(0, equals).trim(), value: piece.slice(equals + 1) };
  });
}
