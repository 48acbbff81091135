/** Turns what became of a call into the entries to commit with it: the caller's record, and the resource owner's copy. */
import type { Explanation } from '../engines/policy/types.ts';
import { AwsError, type Operation, type Random, type RecordedResource } from '../services/service.ts';
import type { Entry } from '../store/store.ts';
import { mask, WireFault } from '../wire/index.ts';
import type { Ruling } from './authorize.ts';
import type { Request } from './perform.ts';
import { reasonsJson } from './reasons.ts';
import { type RecordFacts, readsOnly, recordEntry, showsAnswer } from './record.ts';

export interface CallOutcome {
  /** Epoch milliseconds when the call came. */
  readonly time: number;
  readonly declared?: Pick<Operation<unknown, unknown>, 'record'> | undefined;
  readonly input?: object | undefined;
  readonly output?: object | undefined;
  readonly error?: unknown;
  readonly rulings: readonly Ruling[];
  readonly explanation?: Explanation | undefined;
  readonly additionalEventData?: object | undefined;
  readonly resources: readonly RecordedResource[];
}

export class Recorder {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether a call only reads, as its record says. */
  isRead(request: Request, declared: CallOutcome['declared']): boolean {
    return declared?.record?.readOnly ?? readsOnly(request.operation.name);
  }

  entries(request: Request, outcome: CallOutcome): Entry[] {
    const facts = this.#facts(request, outcome);
    const { account } = request.caller;
    if (!account || outcome.rulings.every(({ check }) => check.resource.account === account))
      return [recordEntry(facts)];
    // The owner of a resource sees what callers of other accounts did to it; a call may touch things of several.
    const owners = [...ownersOf(outcome.rulings)].filter((owner) => owner !== account && concerns(facts, owner));
    if (owners.length === 0) return [recordEntry(facts)];
    const sharedEventId = this.#random.uuid();
    const entries = [recordEntry({ ...facts, sharedEventId })];
    for (const owner of owners) {
      const { why: _ours, ...shared } = withoutForeignReasons(facts, outcome.rulings, owner);
      entries.push(recordEntry({ ...shared, eventId: this.#random.uuid(), recipient: owner, sharedEventId }));
    }
    return entries;
  }

  #facts(request: Request, outcome: CallOutcome): RecordFacts {
    const { declared, input, output } = outcome;
    return {
      caller: request.caller,
      scope: request.scope,
      connection: request.connection,
      service: request.service,
      operation: request.operation.name,
      now: outcome.time,
      requestId: request.requestId,
      eventId: this.#random.uuid(),
      readOnly: declared?.record?.readOnly,
      data: declared?.record?.data,
      hide: declared?.record?.hide,
      input: input && mask(request.operation, 'input', input),
      output:
        output && showsAnswer(request.operation.name, this.isRead(request, declared))
          ? mask(request.operation, 'output', output)
          : undefined,
      error: answered(outcome.error),
      additionalEventData: outcome.additionalEventData,
      resources: outcome.resources,
      signature: request.signature,
      calledVia: request.calledVia,
      owner: outcome.rulings[0]?.check.resource.account || undefined,
      why: reasonsJson(outcome.rulings, outcome.explanation),
    };
  }
}

const ownersOf = (rulings: readonly Ruling[]): ReadonlySet<string> =>
  new Set(rulings.filter(({ check }) => !check.resource.isMissing).map(({ check }) => check.resource.account));

/**
 * Whether an owner gets a copy: not of an attempt on a role that was refused, or anybody could fill another account's
 * record by guessing role names, and not where the ARN names no account at all.
 */
function concerns(facts: RecordFacts, owner: string): boolean {
  return /^\d{12}$/.test(owner) && !(facts.service === 'sts' && facts.error !== undefined);
}

/** A call on things of several accounts: the text of a denial can name a policy of one that is no business of the other. */
function withoutForeignReasons(facts: RecordFacts, rulings: readonly Ruling[], owner: string): RecordFacts {
  const { error } = facts;
  if (!error || rulings.every((ruling) => ruling.check.resource.account === owner)) return facts;
  return { ...facts, error: { ...error, message: 'Access Denied' } };
}

/** The error as the caller was answered; anything that is not an answer is ours. */
function answered(error: unknown): RecordFacts['error'] {
  if (error === undefined) return undefined;
  if (error instanceof AwsError || error instanceof WireFault) {
    return { code: error.code, message: error.message, server: (error.status ?? 400) >= 500 && error.status !== 501 };
  }
  return { code: 'InternalFailure', message: 'An internal error occurred.', server: true };
}
