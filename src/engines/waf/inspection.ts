/** One request while the rules of a web ACL look at it: what was read is remembered, what was found is collected. */

import { parseQuery } from './fields/query-arguments.ts';
import type { FieldSource } from './fields/reader.ts';
import type { FieldValues } from './fields/values.ts';
import { lowerName } from './header-names.ts';
import { type Reading, transformed } from './readings.ts';
import type { HttpRequest } from './request.ts';
import type { WafState } from './state.ts';
import { readCookies, tokenStatus } from './tokens/request-token.ts';
import type { MatchDetail, RateBasedOutcome } from './verdict.ts';
import type { NamedValue, TokenStatus } from './view.ts';

export class Inspection implements FieldSource {
  readonly request: HttpRequest;
  readonly now: number;
  readonly state: WafState;
  readonly labels: string[] = [];
  /** What has matched so far within the rule that is being evaluated. */
  readonly details: MatchDetail[] = [];
  readonly rates: RateBasedOutcome[] = [];
  readonly oversizeFields = new Set<string>();
  readonly #tokenDomains: readonly string[];
  readonly #readings: (FieldValues | undefined)[];
  readonly #literals: (Uint8Array | undefined)[] = [];
  /** Labels of the rule that is being evaluated: later rules see them, it does not. */
  readonly #pending: string[] = [];
  readonly #once = new Map<object, unknown>();
  #headers: Map<string, string> | undefined;
  #queryArguments: NamedValue[] | undefined;
  #cookies: NamedValue[] | undefined;
  #body: string | undefined;
  #token: TokenStatus | undefined;

  constructor(request: HttpRequest, now: number, state: WafState, readings: number, tokenDomains: readonly string[]) {
    this.request = request;
    this.now = now;
    this.state = state;
    this.#readings = new Array<undefined>(readings);
    this.#tokenDomains = tokenDomains;
  }

  read(reading: Reading): FieldValues {
    const known = this.#readings[reading.index];
    if (known) return known;
    const values = reading.read ? reading.read(this) : transformed(this.read(reading.from!), reading.transform!);
    this.#readings[reading.index] = values;
    return values;
  }

  /** Whether one of the literals may be in what a reading came to; a look at each value decides. */
  mayHold(reading: Reading, literals: readonly number[]): boolean {
    if (!reading.gate.isWorthIt) return true;
    let found = this.#literals[reading.index];
    if (!found) {
      found = reading.gate.search(this.read(reading).values);
      this.#literals[reading.index] = found;
    }
    for (const literal of literals) if (found[literal] === 1) return true;
    return false;
  }

  get queryArguments(): readonly NamedValue[] {
    this.#queryArguments ??= parseQuery(this.request.query);
    return this.#queryArguments;
  }

  get cookies(): readonly NamedValue[] {
    this.#cookies ??= readCookies(this.request.headers);
    return this.#cookies;
  }

  get body(): string {
    if (this.#body === undefined) {
      const { body } = this.request;
      this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
    }
    return this.#body;
  }

  get isBodyOversize(): boolean {
    return this.request.bodySize > this.request.body.length;
  }

  header(lowerCaseName: string): string | undefined {
    if (!this.#headers) {
      this.#headers = new Map();
      for (const [name, value] of this.request.headers) {
        const key = lowerName(name);
        const known = this.#headers.get(key);
        this.#headers.set(key, known === undefined ? value : `${known},${value}`);
      }
    }
    return this.#headers.get(lowerCaseName);
  }

  hasLabel(label: string): boolean {
    return this.labels.includes(label);
  }

  addLabel(label: string): void {
    if (!this.labels.includes(label) && !this.#pending.includes(label)) this.#pending.push(label);
  }

  /** A rule is done: what it labelled is seen from here on. */
  settleLabels(): void {
    if (this.#pending.length === 0) return;
    this.labels.push(...this.#pending);
    this.#pending.length = 0;
  }

  token(): TokenStatus {
    this.#token ??= tokenStatus(this, this.state.sealer, this.#tokenDomains);
    return this.#token;
  }

  once<T>(key: object, make: (view: Inspection) => T): T {
    const known = this.#once.get(key);
    if (known !== undefined || this.#once.has(key)) return known as T;
    const made = make(this);
    this.#once.set(key, made);
    return made;
  }

  memory<T>(key: object, make: () => T): T {
    if (this.state.memory.has(key)) return this.state.memory.get(key) as T;
    const made = make();
    this.state.memory.set(key, made);
    return made;
  }

  noteOversize(field: string): void {
    this.oversizeFields.add(field);
  }
}
