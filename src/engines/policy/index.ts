/** The policy engine: policies and a request in, a decision with its reasons out. Knows no clock, network or disk. */
export { decide } from './chain.ts';
export { contextKeys } from './context-keys.ts';
export type { Condition, PolicyDocument, PolicyVersion, PrincipalEntry, Principals, Statement } from './document.ts';
export { type Evaluation, evaluate, type PolicyText, type Question } from './evaluate.ts';
export { explain } from './explain.ts';
export { type KnownActions, type LintFinding, lint, unknownAction } from './lint.ts';
export { type ParseOptions, parsePolicy } from './parse.ts';
export { type CompileOptions, combine, compile, compileDocument, sourceOf } from './policy-set.ts';
export type { Position } from './position.ts';
export type { PrincipalIds } from './principal.ts';
export { principalsOf } from './principals-of.ts';
export { isPublic, isPublicStatement } from './public.ts';
export { policySize } from './size.ts';
export { PolicySyntaxError, type SyntaxReason } from './syntax-error.ts';
export type * from './types.ts';
