/** Value constraints of an API, which the SDK's schemas leave out: the generated tables of models/constraints, made usable. */
import { isOneClass, javaPattern } from './pattern.ts';

/** What one value must satisfy. Lengths are of the value itself: code points, bytes or elements. */
export interface Constraint {
  readonly min?: number;
  readonly max?: number;
  /** As AWS prints it. */
  readonly pattern?: string;
  /** Tests a whole value against `pattern`. */
  matches(value: string): boolean;
  readonly enum?: readonly string[];
  /** Whole numbers only: the SDK's schemas know just "number". */
  readonly integer?: boolean;
  /** The value is not printed in errors. */
  readonly quiet?: boolean;
  readonly element?: Constraint;
  readonly key?: Constraint;
  readonly value?: Constraint;
}

/** One entry of a table as it is in the file; collections refer to other entries by index. */
export interface ConstraintEntry {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly integer?: true;
  readonly quiet?: true;
  readonly element?: number;
  readonly key?: number;
  readonly value?: number;
}

/** A file of models/constraints. */
export interface ConstraintFile {
  /** Where the facts come from: `botocore 1.43.11 iam/2010-05-08`. */
  readonly source: string;
  readonly entries: readonly ConstraintEntry[];
  /** Structure → member → index into `entries`. */
  readonly members: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Longest text that a pattern of several parts is tried on when the model gives no maximum. */
const UNBOUNDED = 4096;

class TableConstraint implements Constraint {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly integer?: boolean;
  readonly quiet?: boolean;
  readonly element?: Constraint;
  readonly key?: Constraint;
  readonly value?: Constraint;
  #compiled: RegExp | undefined;

  constructor(entry: ConstraintEntry, table: ConstraintTable) {
    const { element, key, value, ...own } = entry;
    Object.assign(this, own);
    if (element !== undefined) this.element = table.entry(element);
    if (key !== undefined) this.key = table.entry(key);
    if (value !== undefined) this.value = table.entry(value);
  }

  matches(value: string): boolean {
    if (this.pattern === undefined) return true;
    // Text beyond the maximum already fails for its length; only patterns that are linear see unbounded text.
    if (this.max !== undefined && value.length > 2 * this.max) return true;
    if (this.max === undefined && value.length > UNBOUNDED && !isOneClass(this.pattern)) return false;
    this.#compiled ??= javaPattern(this.pattern);
    return this.#compiled.test(value);
  }
}

/** Constraints by structure and member. */
export class ConstraintTable {
  readonly #file: ConstraintFile;
  readonly #made: (Constraint | undefined)[] = [];

  constructor(file: ConstraintFile) {
    this.#file = file;
  }

  of(structure: string, member: string): Constraint | undefined {
    const { members } = this.#file;
    const index = Object.hasOwn(members, structure) ? members[structure]?.[member] : undefined;
    return typeof index === 'number' ? this.entry(index) : undefined;
  }

  entry(index: number): Constraint {
    let made = this.#made[index];
    if (!made) {
      made = new TableConstraint(this.#file.entries[index]!, this);
      this.#made[index] = made;
    }
    return made;
  }
}
