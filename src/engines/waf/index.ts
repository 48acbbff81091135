/**
 * The web application firewall: web ACLs in AWS's own words are compiled once, then requests are inspected.
 *
 * `compileWebAcl(definition, resources)` answers a `CompiledWebAcl`; `createWafState(options)` makes what is remembered
 * between requests (rates, groups' memory; one for each web ACL, kept when it changes); `inspect(compiled, request, state,
 * now)` answers a `Verdict`. Before they are saved, `validateRules` holds rules to AWS's, and `capacityOf` says what they cost.
 */
export { capacityOf, type GroupCapacities } from './capacity.ts';
export { type CompiledWebAcl, compileWebAcl } from './compile.ts';
export type { FieldToMatch } from './field-types.ts';
export { inspect } from './inspect.ts';
export { InvalidParameter } from './invalid-parameter.ts';
export type { RateDelta, RateSettings } from './rates/registry.ts';
export type { HttpRequest, RequestSource } from './request.ts';
export type {
  IPSet,
  Location,
  ManagedRule,
  ManagedRuleGroupDefinition,
  RegexPatternSet,
  Resources,
} from './resources.ts';
export { createWafState, type WafState, type WafStateOptions } from './state.ts';
export {
  acceptAnswer,
  answerPath,
  interstitial,
  type PuzzleResponse,
  type TokenContext,
} from './tokens/interstitial.ts';
export type { Sealer } from './tokens/sealer.ts';
export type * from './types.ts';
export {
  type ValidationOptions,
  validateDefaultAction,
  validateImmunity,
  validateRules,
} from './validation/rules.ts';
export { validateRegex } from './validation/statement.ts';
export type * from './verdict.ts';
export type { NamedValue, RequestView, TokenStatus } from './view.ts';
