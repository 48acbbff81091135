/** A statement, compiled: what it answers for a request under inspection. */
import type { Outcome } from '../fields/values.ts';
import type { Inspection } from '../inspection.ts';
import type { Readings } from '../readings.ts';
import type { Resources } from '../resources.ts';
import type { Statement } from '../types.ts';

export type Condition = (inspection: Inspection) => Outcome;

/** What statements need while they are compiled. */
export interface CompileContext {
  readonly resources: Resources;
  readonly readings: Readings;
  /** The prefix of labels that rules of this context add: `awswaf:111122223333:webacl:NAME:`. */
  readonly labelContext: string;
  /** Names the rule within the web ACL: `RULE`, or `RULE/RULE_OF_THE_GROUP`. */
  readonly rulePath: string;
  compile(statement: Statement): Condition;
}
