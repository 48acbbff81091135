/** Requests and web ACLs for tests, complete where nothing else is said. */
import { type CompiledWebAcl, compileWebAcl } from './compile.ts';
import type { FieldToMatch } from './field-types.ts';
import { inspect } from './inspect.ts';
import type { HttpRequest, RequestSource } from './request.ts';
import type { Resources } from './resources.ts';
import { createWafState, type WafState } from './state.ts';
import type { Rule, RuleAction, Statement, TextTransformationType, WebACLDefinition } from './types.ts';
import type { Verdict } from './verdict.ts';

export const aclPrefix = 'awswaf:111122223333:webacl:shop:';

export function request(
  over: Partial<Omit<HttpRequest, 'source' | 'body'>> & {
    readonly source?: Partial<RequestSource>;
    readonly body?: string | Uint8Array;
  } = {},
): HttpRequest {
  const body = typeof over.body === 'string' ? Buffer.from(over.body, 'latin1') : (over.body ?? new Uint8Array());
  return {
    method: 'GET',
    path: '/',
    query: '',
    version: 'HTTP/1.1',
    headers: [['Host', 'shop.example']],
    isSecure: true,
    host: 'shop.example',
    bodySize: body.length,
    ...over,
    body,
    source: { ip: '192.0.2.10', ...over.source },
  };
}

export const visibility = (name: string): Rule['VisibilityConfig'] => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName: name,
});

export function contains(text: string, field: FieldToMatch, ...steps: readonly TextTransformationType[]): Statement {
  return {
    ByteMatchStatement: {
      SearchString: Buffer.from(text, 'latin1'),
      PositionalConstraint: 'CONTAINS',
      FieldToMatch: field,
      TextTransformations: steps.map((Type, Priority) => ({ Priority, Type })),
    },
  };
}

export const always: Statement = {
  SizeConstraintStatement: { FieldToMatch: { Method: {} }, ComparisonOperator: 'GE', Size: 0, TextTransformations: [] },
};

export const never: Statement = { NotStatement: { Statement: always } };

export function rule(
  name: string,
  priority: number,
  statement: Statement,
  action: RuleAction,
  labels: string[] = [],
): Rule {
  return {
    Name: name,
    Priority: priority,
    Statement: statement,
    Action: action,
    RuleLabels: labels.map((Name) => ({ Name })),
    VisibilityConfig: visibility(name),
  };
}

export const noResources: Resources = {
  ipSet: () => undefined,
  regexPatternSet: () => undefined,
  ruleGroup: () => undefined,
  managedRuleGroup: () => undefined,
};

function acl(rules: readonly Rule[], over: Partial<WebACLDefinition> = {}): WebACLDefinition {
  return {
    Name: 'shop',
    ARN: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/11111111-2222-3333-4444-555555555555',
    DefaultAction: { Allow: {} },
    Rules: rules,
    VisibilityConfig: visibility('shop'),
    ...over,
  };
}

export function compiled(
  rules: readonly Rule[],
  resources: Partial<Resources> = {},
  over: Partial<WebACLDefinition> = {},
) {
  return compileWebAcl(acl(rules, over), { ...noResources, ...resources });
}

export function verdictOf(
  web: CompiledWebAcl,
  of: HttpRequest,
  state: WafState = createWafState(),
  now = 1_800_000_000_000,
): Verdict {
  return inspect(web, of, state, now);
}

/** Whether a single statement holds for a request. */
export function holds(statement: Statement, of: HttpRequest, resources: Partial<Resources> = {}): boolean {
  return verdictOf(compiled([rule('r', 0, statement, { Block: {} })], resources), of).action === 'BLOCK';
}
