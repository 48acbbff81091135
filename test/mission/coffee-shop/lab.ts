/** The words in which the coffee shop's story is told: people, what they try, and what must come of it. */
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Wires } from '../../edge/namespaces.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Somebody with credentials, and the clients that sign with them. */
export class Person {
  readonly keys: Keys;
  readonly options: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: Keys;
    readonly forcePathStyle: true;
    readonly maxAttempts: number;
  };
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly sts: STSClient;

  constructor(endpoint: string, keys: Keys) {
    this.keys = keys;
    this.options = { endpoint, region: 'us-east-1', credentials: keys, forcePathStyle: true, maxAttempts: 1 };
    this.iam = new IAMClient(this.options);
    this.s3 = new S3Client(this.options);
    this.sts = new STSClient(this.options);
  }
}

/** The shop while the story runs: what earlier steps made and later ones need. */
export class Shop {
  readonly endpoint: string;
  readonly dataDir: string;
  readonly accountId: string;
  readonly people = new Map<string, Person>();
  readonly notes = new Map<string, string>();
  /** Namespaces with hosts, where the machine gives the rights for them. */
  readonly wires: Wires | undefined;
  /** Moves the instance's clock. */
  readonly advance: (seconds: number) => Promise<void>;

  constructor(facts: {
    endpoint: string;
    dataDir: string;
    accountId: string;
    advance: (seconds: number) => Promise<void>;
    wires?: Wires | undefined;
  }) {
    this.endpoint = facts.endpoint;
    this.dataDir = facts.dataDir;
    this.accountId = facts.accountId;
    this.advance = facts.advance;
    this.wires = facts.wires;
  }

  hire(name: string, keys: Keys): Person {
    const person = new Person(this.endpoint, keys);
    this.people.set(name, person);
    return person;
  }

  person(name: string): Person {
    const person = this.people.get(name);
    if (!person) throw new Error(`Nobody called ${name} works here yet.`);
    return person;
  }

  note(name: string): string {
    const note = this.notes.get(name);
    if (note === undefined) throw new Error(`Nothing is noted under ${name}.`);
    return note;
  }

  arn(resource: string): string {
    return `arn:aws:iam::${this.accountId}:${resource}`;
  }
}

export interface Step {
  /** Mission rows that this step shows: `M-050`, or several with blanks between. */
  readonly rows: string;
  readonly text: string;
  run(shop: Shop): Promise<void>;
  /** Why it cannot be shown on this machine; undefined where it can. */
  skip?(shop: Shop): string | undefined;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

export const step = (rows: string, text: string, run: Step['run']): Step => ({ rows, text, run });

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** What came of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<Failure> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error(`This should have been refused, but it answered ${JSON.stringify(answer)?.slice(0, 200)}`);
}

/** The call must be refused for want of permission: 403 (400 in JSON protocols) and the service's own code. */
export async function denied(call: Promise<unknown>, text?: string): Promise<string> {
  const { name, message, status } = await failureOf(call);
  const codes = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden'];
  const bare = name === '403' || (name === 'Unknown' && status === 403);
  check(codes.includes(name) || bare, `expected a denial, got ${name}: ${message}`);
  check(status === 403 || status === 400, `expected status 403 or 400, got ${status}`);
  if (text !== undefined) check(message.includes(text), `expected "${text}" in "${message}"`);
  return message;
}

/** The call must fail with this code. */
export async function fails(call: Promise<unknown>, code: string, text?: string): Promise<string> {
  const { name, message } = await failureOf(call);
  check(name === code || name === `${code}Exception`, `expected ${code}, got ${name}: ${message}`);
  if (text !== undefined) check(message.includes(text), `expected "${text}" in "${message}"`);
  return message;
}

export function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

export function equal(actual: unknown, expected: unknown): void {
  check(Object.is(actual, expected), `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

/** A policy document of one statement. */
export function policy(
  effect: 'Allow' | 'Deny',
  action: string | string[],
  resource: string | string[],
  more: object = {},
): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: action, Resource: resource, ...more }],
  });
}
