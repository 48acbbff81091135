/**
 * The web application firewall: web ACLs in AWS's own words are compiled once, then requests are inspected.
 *
 * `compileWebAcl(definition, resources)` answers a `CompiledWebAcl`; `createWafState(options)` makes what is remembered
 * between requests (rates, groups' memory; one for each web ACL, kept when it changes); `inspect(compiled, request, state,
 * now)` answers a `Verdict`. Before they are saved, `validateRules` holds rules to AWS's, and `capacityOf` says what they cost.
 */
export { capacityOf } from './capacity.ts';
export { type CompiledWebAcl, compileWebAcl } from './compile.ts';
export { inspect } from './inspect.ts';
export type { RateDelta } from './rates/registry.ts';
export type { HttpRequest } from './request.ts';
export { createWafState, type WafState } from './state.ts';
export {
  acceptAnswer,
  answerPath,
  interstitial,
  type PuzzleResponse,
  type TokenContext,
} from './tokens/interstitial.ts';
export type { Sealer } from './tokens/sealer.ts';
export type * from './types.ts';
export { validateDefaultAction, validateRules } from './validation/rules.ts';
export type * from './verdict.ts';
