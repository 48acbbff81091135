/** How attributes are described: a key, AWS's default, what has it, and which values it takes. */
import type { AwsError } from '../../service.ts';
import { invalidConfiguration, notBuilt, validation } from '../errors.ts';
import type { Attributes } from '../state.ts';

export interface Specification<S> {
  readonly key: string;
  readonly default: string | ((subject: S) => string);
  /** What has the attribute; everything by default. */
  readonly of?: (subject: S) => boolean;
  readonly values: Values;
  /** The edge does nothing with it: only the default can be set. */
  readonly isUnbuilt?: true;
}

/** The sentence that says what is wrong with a value; undefined when it is right. */
type Values = (key: string, value: string) => string | undefined;

export const oneOf =
  (...allowed: readonly string[]): Values =>
  (key, value) =>
    allowed.includes(value) ? undefined : `'${key}' value '${value}' must be one of [${allowed.join(', ')}]`;

export const boolean: Values = oneOf('true', 'false');

export const integer =
  (least: number, most: number, ...also: readonly string[]): Values =>
  (key, value) => {
    if (also.includes(value)) return undefined;
    const isRight = /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;
    return isRight ? undefined : `'${key}' value '${value}' must be between '${least}-${most}' inclusive`;
  };

/** Printable text without line breaks. */
export const text =
  (most: number, pattern = /^[\x20-\x7e]*$/): Values =>
  (key, value) => {
    if (value.length > most) return `'${key}' value cannot be longer than '${most}' characters`;
    return pattern.test(value) ? undefined : `'${key}' value '${value}' is not valid`;
  };

interface Pair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** A table of attributes for one kind of resource. */
export class AttributeTable<S> {
  readonly #kind: string;
  readonly #lines: ReadonlyMap<string, Specification<S>>;
  readonly #describe: (subject: S) => string;

  /**
   * @param kind as it begins AWS's sentences: `Load balancer`
   * @param describe what lacks an attribute: `load balancers with type 'network'`
   */
  constructor(kind: string, lines: readonly Specification<S>[], describe: (subject: S) => string) {
    this.#kind = kind;
    this.#lines = new Map(lines.map((line) => [line.key, line]));
    this.#describe = describe;
  }

  /** Every attribute that the subject has, with what was set or AWS's default. */
  complete(subject: S, set: Attributes): Readonly<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const line of this.#lines.values()) {
      if (line.of && !line.of(subject)) continue;
      all[line.key] = set[line.key] ?? this.#defaultOf(line, subject);
    }
    return all;
  }

  /** The same as the API lists it. */
  list(subject: S, set: Attributes): { Key: string; Value: string }[] {
    return Object.entries(this.complete(subject, set)).map(([Key, Value]) => ({ Key, Value }));
  }

  /** What is set after a call. @throws AwsError ValidationError, InvalidConfigurationRequest */
  merge(subject: S, set: Attributes, given: readonly Pair[]): Attributes {
    const merged = { ...set };
    const seen = new Set<string>();
    for (const { Key = '', Value = '' } of given) {
      if (seen.has(Key)) throw validation(`${this.#kind} attribute key '${Key}' was specified more than once`);
      seen.add(Key);
      const problem = this.#problem(subject, Key, Value);
      if (problem) throw problem;
      merged[Key] = Value;
    }
    return merged;
  }

  #defaultOf(line: Specification<S>, subject: S): string {
    return typeof line.default === 'string' ? line.default : line.default(subject);
  }

  #problem(subject: S, key: string, value: string): AwsError | undefined {
    const line = this.#lines.get(key);
    if (!line) return validation(`${this.#kind} attribute key '${key}' is not recognized`);
    if (line.of && !line.of(subject)) {
      return invalidConfiguration(
        `${this.#kind} attribute key '${key}' is not supported on ${this.#describe(subject)}`,
      );
    }
    const wrong = line.values(key, value);
    if (wrong !== undefined) return validation(wrong);
    const isOther = value !== this.#defaultOf(line, subject);
    return line.isUnbuilt && isOther
      ? notBuilt(`${this.#kind} attribute '${key}' with the value '${value}'`)
      : undefined;
  }
}
