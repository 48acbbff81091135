/** From a decoded call to a committed one: authorize → handle → commit with the record, again after a conflict. */
import type { Explanation } from '../engines/policy/types.ts';
import type {
  Actor,
  Call,
  Caller,
  Check,
  CheckCall,
  Connection,
  Operation,
  Random,
  RecordedResource,
  Scope,
  Sealer,
  Service,
} from '../services/service.ts';
import { AwsError } from '../services/service.ts';
import { type Change, ConflictError, FullError, type Store } from '../store/store.ts';
import type { OperationModel } from '../wire/index.ts';
import { type Authorizer, type CallFacts, type Ruling, refusedByRule } from './authorize.ts';
import type { SignatureFacts } from './context.ts';
import { denied } from './denial.ts';
import { PendingRecords } from './pending-records.ts';
import type { CallOutcome, Recorder } from './recorder.ts';
import { notImplemented, unbuiltAction } from './unbuilt.ts';

/** A call as the door has understood it. */
export interface Request {
  readonly requestId: string;
  readonly service: string;
  readonly operation: OperationModel;
  readonly caller: Caller;
  readonly scope: Scope;
  readonly connection: Connection;
  readonly signature?: SignatureFacts | undefined;
  readonly referer?: string | undefined;
  readonly calledVia?: readonly string[] | undefined;
  /** Decodes and validates; its failures are answers, and recorded. */
  input(): object | Promise<object>;
}

export interface PerformerOptions {
  readonly services: ReadonlyMap<string, Service>;
  readonly store: Store;
  readonly authorizer: Authorizer;
  readonly recorder: Recorder;
  readonly clock: { now(): number };
  readonly random: Random;
  readonly sealer: Sealer;
  /** Bound late: the actor calls back into this performer. */
  readonly actor: () => Actor;
}

/** How often a handler runs again because others changed what it had read. */
const attemptLimit = 25;

export class Performer {
  readonly #options: PerformerOptions;
  readonly pending = new PendingRecords();
  readonly #strangers = new Strangers();

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Returns the output, or throws the AwsError or wire fault to answer with; either way the call is on record. */
  async perform(request: Request): Promise<object> {
    const trace: Trace = { now: this.#options.clock.now(), rulings: [], notes: [] };
    try {
      const declared = this.#options.services.get(request.service)?.operations[request.operation.name];
      if (!declared) return await this.#unbuilt(request, trace);
      if (request.caller.principal.kind === 'anonymous' && !declared.allowsAnonymous) {
        throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
      }
      trace.declared = declared;
      const input = request.input();
      trace.input = input instanceof Promise ? await input : input;
      return await this.#attempts(request, declared, trace);
    } catch (error) {
      if (!trace.recorded && !trace.declared?.record?.own) await this.#recordFailure(request, trace, error);
      throw error;
    }
  }

  /** Throws what `perform` would throw for lack of permission, and does nothing else. */
  async authorize(request: Request): Promise<void> {
    const trace: Trace = { now: this.#options.clock.now(), rulings: [], notes: [] };
    const declared = this.#options.services.get(request.service)?.operations[request.operation.name];
    const isStranger = request.caller.principal.kind === 'anonymous';
    if (!declared || (isStranger && !declared.allowsAnonymous)) throw new AwsError('AccessDenied', 'Access Denied');
    const facts = callFacts(request, trace.now);
    const call = new LiveCall(request, trace, this.#options.store.begin(), this.#options, facts);
    await this.#authorize(facts, await declared.checks((await request.input()) as never, call), trace);
  }

  /** Whether a caller may make a call of a service that no model knows. */
  async mayUnknown(facts: CallFacts, action: string): Promise<boolean> {
    const check = { action, resource: { arn: '*', account: facts.caller.account } };
    return (await this.#options.authorizer.rule(facts, check)).decision.allowed;
  }

  async #attempts(request: Request, declared: Declared, trace: Trace): Promise<object> {
    for (let attempt = 1; ; attempt += 1) {
      const change = this.#options.store.begin();
      trace.rulings.length = 0;
      trace.notes.length = 0;
      try {
        return await this.#attempt(request, declared, trace, change);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        if (attempt >= attemptLimit) {
          throw new AwsError('ServiceUnavailable', 'Too many calls changed the same thing at once. Please try again.', {
            status: 503,
          });
        }
      }
    }
  }

  async #attempt(request: Request, declared: Declared, trace: Trace, change: Change): Promise<object> {
    const facts = callFacts(request, trace.now);
    const call = new LiveCall(request, trace, change, this.#options, facts);
    const checks = await declared.checks(trace.input as never, call);
    // Such an operation asks item by item, through `call.may`.
    if (!(declared.perItem && checks.length === 0)) await this.#authorize(facts, checks, trace);
    const output = (await declared.handle(trace.input as never, call)) as object;
    const entries = declared.record?.own
      ? []
      : this.#options.recorder.entries(request, { ...outcomeOf(trace), output });
    for (const entry of entries) change.append(entry);
    const taken = this.pending.addTo(change);
    try {
      await this.#options.store.commit(change);
      this.pending.release(taken);
    } catch (error) {
      // A full disk must not stop reads: their records wait in memory.
      if (!(error instanceof FullError) || !this.#options.recorder.isRead(request, declared)) throw error;
      this.pending.hold(entries);
    }
    trace.recorded = true;
    return output;
  }

  /** Every check must be allowed; the first that is not becomes the answer. */
  async #authorize(facts: CallFacts, checks: readonly Check[], trace: Trace): Promise<void> {
    if (checks.length === 0) throw new AwsError('AccessDenied', 'The call maps to no action, so nobody may make it.');
    for (const check of checks) {
      const asked = this.#options.authorizer.rule(facts, check);
      const ruling = asked instanceof Promise ? await asked : asked;
      trace.rulings.push(ruling);
      if (ruling.decision.allowed) continue;
      if (!ruling.rule) trace.explanation = await this.#options.authorizer.explain(facts, check);
      throw denied(facts.caller, ruling, this.#options.sealer, facts.service, check.context ?? {});
    }
  }

  /** An operation that is not built is authorized like any other, and then says so. */
  async #unbuilt(request: Request, trace: Trace): Promise<object> {
    const account = request.caller.account;
    const action = unbuiltAction(request.service, request.operation.name);
    if (action === undefined) {
      const check = { action: `${request.service}:${request.operation.name}`, resource: { arn: '*', account } };
      const ruling: Ruling = { check, decision: refusedByRule, rule: 'unmapped' };
      trace.rulings.push(ruling);
      throw denied(request.caller, ruling, this.#options.sealer, request.service, {});
    }
    const facts = callFacts(request, trace.now);
    await this.#authorize(facts, [{ action, resource: { arn: '*', account } }], trace);
    throw notImplemented(request.service, request.operation.name);
  }

  async #recordFailure(request: Request, trace: Trace, error: unknown): Promise<void> {
    if (request.caller.principal.kind === 'anonymous' && !this.#strangers.admits(trace)) return;
    const entries = this.#options.recorder.entries(request, { ...outcomeOf(trace), error });
    const change = this.#options.store.begin();
    for (const entry of entries) change.append(entry);
    const taken = this.pending.addTo(change);
    try {
      await this.#options.store.commit(change);
      this.pending.release(taken);
    } catch (failure) {
      if (!(failure instanceof FullError)) throw failure;
      this.pending.hold(entries);
    }
  }
}

/** How many failed calls of strangers are recorded in a second: nobody without a name may fill a disk, or keep it busy. */
const strangersPerSecond = 10;

class Strangers {
  #second = 0;
  #count = 0;

  /** Only calls on something that belongs to somebody, and of those a sample. */
  admits({ now, rulings }: Trace): boolean {
    if (!rulings.some((ruling) => ruling.check.resource.account !== '')) return false;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= strangersPerSecond;
  }
}

/** Of a call that asks item by item: so many allowed and so many denied items have their reasons on record. */
const itemsOnRecord = 20;

type Declared = Operation<unknown, unknown, void>;

/** What became of a call so far, over all attempts. */
interface Trace {
  readonly now: number;
  readonly rulings: Ruling[];
  readonly notes: Note[];
  once?: Map<string, Promise<unknown>>;
  declared?: Declared;
  input?: object;
  explanation?: Explanation | undefined;
  recorded?: boolean;
}

interface Note {
  readonly additionalEventData?: object;
  readonly resources?: readonly RecordedResource[];
}

function outcomeOf(trace: Trace): Omit<CallOutcome, 'output' | 'error'> {
  return {
    time: trace.now,
    declared: trace.declared,
    input: trace.input,
    rulings: trace.rulings,
    explanation: trace.explanation,
    additionalEventData:
      trace.notes.length > 0 ? Object.assign({}, ...trace.notes.map((n) => n.additionalEventData)) : undefined,
    resources: trace.notes.flatMap((note) => note.resources ?? []),
  };
}

function callFacts(request: Request, now: number): CallFacts {
  return {
    caller: request.caller,
    connection: request.connection,
    scope: request.scope,
    service: request.service,
    now,
    signature: request.signature,
    referer: request.referer,
    calledVia: request.calledVia,
  };
}

class LiveCall implements Call, CheckCall {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  readonly scope: Scope;
  readonly connection: Connection;
  readonly calledVia?: readonly string[];
  readonly signatureVersion?: string;
  readonly now: number;
  readonly change: Change;
  readonly #trace: Trace;
  readonly #options: PerformerOptions;
  readonly #facts: CallFacts;

  constructor(request: Request, trace: Trace, change: Change, options: PerformerOptions, facts: CallFacts) {
    this.requestId = request.requestId;
    this.service = request.service;
    this.operation = request.operation.name;
    this.caller = request.caller;
    this.scope = request.scope;
    this.connection = request.connection;
    if (request.calledVia) this.calledVia = request.calledVia;
    if (request.signature) this.signatureVersion = request.signature.version;
    this.now = trace.now;
    this.change = change;
    this.#trace = trace;
    this.#options = options;
    this.#facts = facts;
  }

  get random(): Random {
    return this.#options.random;
  }

  get sealer(): Sealer {
    return this.#options.sealer;
  }

  get actor(): Actor {
    return this.#options.actor();
  }

  async may(check: Check): Promise<boolean> {
    const ruling = await this.#options.authorizer.rule(this.#facts, check);
    const { declared, rulings } = this.#trace;
    // Of a call that asks item by item these are the reasons, and they tell whose resources it touched.
    if (declared?.perItem) {
      const alike = rulings.filter(({ decision }) => decision.allowed === ruling.decision.allowed);
      if (alike.length < itemsOnRecord) rulings.push(ruling);
    }
    return ruling.decision.allowed;
  }

  once<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#trace.once ??= new Map();
    const { once } = this.#trace;
    let result = once.get(name) as Promise<T> | undefined;
    if (!result) {
      result = work();
      once.set(name, result);
    }
    return result;
  }

  note(addition: Note): void {
    this.#trace.notes.push(addition);
  }
}
