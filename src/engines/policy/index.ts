/** The policy engine: policies and a request in, a decision with its reasons out. Knows no clock, network or disk. */
export type * from './types.ts';
