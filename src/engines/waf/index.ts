/**
 * The web application firewall: web ACLs in AWS's own words are compiled once, then requests are inspected.
 *
 * `compileWebAcl(definition, resources)` answers a `CompiledWebAcl`; `createWafState(options)` makes what is remembered
 * between requests (rates, groups' memory); `inspect(compiled, request, state, now)` answers a `Verdict`.
 */
import type { HttpRequest } from './request.ts';
import type { Resources } from './resources.ts';
import type { Given, WebACLDefinition } from './types.ts';
import type { Verdict } from './verdict.ts';

export type { FieldToMatch } from './field-types.ts';
export type { HttpRequest, RequestSource } from './request.ts';
export type {
  IPSet,
  Location,
  ManagedRule,
  ManagedRuleGroupDefinition,
  RegexPatternSet,
  Resources,
} from './resources.ts';
export type * from './types.ts';
export type * from './verdict.ts';
export type { NamedValue, RequestView, TokenStatus } from './view.ts';

/** Throws `InvalidParameter` where a rule breaks AWS's rules or refers to nothing. */
export type CompileWebAcl<Compiled> = (definition: Given<WebACLDefinition>, resources: Resources) => Compiled;

/** `now`: milliseconds since the epoch. Never throws. */
export type Inspect<Compiled, State> = (compiled: Compiled, request: HttpRequest, state: State, now: number) => Verdict;
