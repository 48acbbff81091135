/** Calls made by hand, for unit tests of handlers: a memory store, a fixed clock, and randomness that repeats. */

import type { Call, Caller, Check, Operation, Random, Sealer } from '../../src/services/service.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';

export const account = '111122223333';

/** Deterministic bytes: a 32-bit linear congruential generator. */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, next);
  return {
    bytes,
    uuid() {
      const hex = Buffer.from(bytes(16)).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

/** Keeps purposes apart and refuses altered tokens, without secrecy. */
export const plainSealer: Sealer = {
  seal(purpose, plaintext) {
    const text = Buffer.from(plaintext).toString('latin1');
    return Buffer.from(JSON.stringify([purpose, text])).toString('base64url');
  },
  open(purpose, token) {
    try {
      const [made, text]: unknown[] = JSON.parse(Buffer.from(token, 'base64url').toString());
      if (made !== purpose || typeof text !== 'string') return undefined;
      return new Uint8Array(Buffer.from(text, 'latin1'));
    } catch {
      return undefined;
    }
  },
};

export function rootCaller(id: string = account): Caller {
  return {
    principal: { kind: 'root', account: id, arn: `arn:aws:iam::${id}:root`, id },
    account: id,
    accessKeyId: 'AKIAROOTEXAMPLE00001',
  };
}

export function userCaller(name: string, id = 'AIDAEXAMPLEEXAMPLE001', inAccount: string = account): Caller {
  return {
    principal: { kind: 'user', account: inAccount, arn: `arn:aws:iam::${inAccount}:user/${name}`, id, name },
    account: inAccount,
    accessKeyId: 'AKIAUSEREXAMPLE00001',
  };
}

export interface CallOptions {
  readonly caller?: Caller;
  readonly region?: string;
  readonly now?: number;
  readonly random?: Random;
  readonly may?: (check: Check) => boolean | Promise<boolean>;
  readonly service?: string;
}

/** Runs declared operations against one store, as the gateway would after it has authorized them. */
export class Bench<P> {
  readonly store: Store;
  readonly ports: P;
  readonly random = seededRandom();
  now = Date.UTC(2026, 10, 1);
  readonly notes: object[] = [];

  constructor(ports: P, store: Store = openMemoryStore()) {
    this.ports = ports;
    this.store = store;
  }

  call(operation: string, options: CallOptions = {}): Call {
    const caller = options.caller ?? rootCaller();
    return {
      requestId: this.random.uuid(),
      service: options.service ?? 'iam',
      operation,
      caller,
      scope: { account: caller.account, region: options.region ?? 'us-east-1' },
      connection: { sourceIp: '192.0.2.7', secure: true, userAgent: 'test', host: '127.0.0.1' },
      now: options.now ?? this.now,
      random: options.random ?? this.random,
      sealer: plainSealer,
      change: this.store.begin(),
      may: async (check) => (options.may ? options.may(check) : true),
      once: (_name, work) => work(),
      actor: {
        call() {
          throw new Error('this test has no other services');
        },
        authorize() {
          throw new Error('this test has no other services');
        },
      },
      note: (addition) => {
        this.notes.push(addition);
      },
    };
  }

  /** The checks that would authorize the call. */
  async checks<I, O>(name: string, operation: Operation<I, O, P>, input: I, options?: CallOptions) {
    return operation.checks(input as Parameters<typeof operation.checks>[0], this.call(name, options), this.ports);
  }

  /** Handles and commits, or throws what the handler threw. */
  async run<I, O>(name: string, operation: Operation<I, O, P>, input: I, options?: CallOptions) {
    const call = this.call(name, options);
    const output = await operation.handle(input as Parameters<typeof operation.handle>[0], call, this.ports);
    await this.store.commit(call.change);
    return output;
  }
}
