/** Scenarios: policies and a request in YAML, and the decision to expect; run here on the engine, elsewhere over HTTP. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { evaluate, type Question } from '../../src/engines/policy/index.ts';
import type { Layer } from '../../src/engines/policy/types.ts';
import { type CastName, cast } from './cast.ts';

export interface Scenario {
  readonly file: string;
  readonly name: string;
  /** Who calls, by name in cast.ts. */
  readonly caller: CastName;
  readonly action: string;
  readonly resource: string;
  /** Account that owns the resource; the shop's by default. */
  readonly owner?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Policy documents by layer; an absent layer does not bind. */
  readonly identity?: readonly object[];
  readonly boundary?: readonly object[];
  readonly session?: readonly object[];
  readonly scps?: readonly (readonly object[])[];
  readonly rcps?: readonly (readonly object[])[];
  readonly endpoint?: readonly object[];
  readonly resourcePolicy?: {
    readonly kind?: 'resource' | 'trust' | 'key';
    readonly document: object;
    readonly principalIds?: Readonly<Record<string, string>>;
  };
  readonly expect: {
    readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
    readonly layer: Layer;
    /** Sid of a statement that decided. */
    readonly sid?: string;
  };
}

const folder = new URL('./', import.meta.url);

/** Every scenario of this folder. Throws when a file or a scenario is not as it must be. */
export function loadScenarios(): Scenario[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return files.sort().flatMap((file) => {
    const scenarios = parse(readFileSync(new URL(file, folder), 'utf8')) as Omit<Scenario, 'file'>[];
    return scenarios.map((scenario) => ({ ...checked(scenario, file), file }));
  });
}

const members = new Set(
  [
    'name caller action resource owner context identity boundary session scps rcps endpoint resourcePolicy expect'.split(
      ' ',
    ),
  ].flat(),
);

function checked(scenario: Omit<Scenario, 'file'>, file: string): Omit<Scenario, 'file'> {
  const unknown = Object.keys(scenario).filter((member) => !members.has(member));
  if (unknown.length > 0)
    throw new Error(`${file}: "${scenario.name}" has ${unknown.join(', ')}, which no scenario has`);
  if (!(scenario.caller in cast))
    throw new Error(`${file}: "${scenario.name}" is called by ${scenario.caller}, who is not in cast.ts`);
  return scenario;
}

/** The scenario as the engine's library function takes it. */
function questionOf(scenario: Scenario): Question {
  const { caller, action, resource, owner, resourcePolicy, ...rest } = scenario;
  return {
    ...rest,
    principal: cast[caller],
    action,
    resource: { arn: resource, account: String(owner ?? cast.rudy.account) },
    resourcePolicy,
  };
}

export interface Outcome {
  readonly verdict: string;
  readonly layer: string;
  readonly sids: readonly (string | undefined)[];
}

export function runOnEngine(scenario: Scenario): Outcome {
  const { verdict, layer, statements } = evaluate(questionOf(scenario));
  return { verdict, layer, sids: statements.map((statement) => statement.sid) };
}
