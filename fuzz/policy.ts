/**
 * Throws spoiled policy documents at the parser and the engine: each must be refused with a place inside the text, or
 * compile and decide, soon, as the interpreter of the tests does. `node fuzz/policy.ts [SEED [SECONDS]]`
 */
import {
  contextKeys,
  decide,
  explain,
  isPublic,
  lint,
  PolicySyntaxError,
  parsePolicy,
  policySize,
  principalsOf,
} from '../src/engines/policy/index.ts';
import type { PolicyKind } from '../src/engines/policy/types.ts';
import { engineRequest } from '../test/oracle/engine-request.ts';
import { generate } from '../test/oracle/generate.ts';
import { judge } from '../test/oracle/interpreter.ts';
import { Dice } from '../test/oracle/random.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
/** A document that takes longer than this is a finding, in milliseconds. */
const PATIENCE = 250;

const kinds: readonly PolicyKind[] = [
  'identity',
  'boundary',
  'session',
  'scp',
  'rcp',
  'resource',
  'trust',
  'key',
  'endpoint',
];
const pieces = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\\uffff',
  '*',
  '?',
  '${',
  "', '",
  '}',
  'null',
  '1e999',
  '-',
  '__proto__',
  '\0',
  'ÿ',
  '\ud800',
  'Effect',
  'NotAction',
  'ForAllValues:',
  'IfExists',
];

/** Replaces, inserts, removes or repeats a few stretches of the text. */
function spoil(text: string, dice: Dice): string {
  let spoiled = text;
  for (let count = 1 + dice.below(3); count > 0; count--) {
    const at = dice.below(spoiled.length + 1);
    const to = Math.min(spoiled.length, at + dice.below(8));
    const middle = dice.chance(0.5) ? dice.pick(pieces) : spoiled.slice(at, to).repeat(dice.below(4));
    spoiled = spoiled.slice(0, at) + middle + spoiled.slice(to);
  }
  return spoiled;
}

/** What is wrong with how the parser took this text; undefined when nothing is. */
function readingFault(text: string, kind: PolicyKind): string | undefined {
  try {
    const document = parsePolicy(text, kind);
    JSON.parse(text);
    contextKeys(document);
    principalsOf(document);
    isPublic(document);
    lint(document, () => new Map([['getobject', 'GetObject']]));
    if (policySize(text) > text.length) return 'a size beyond the length';
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) return String(error);
    const lines = text.split(/\r\n|\r|\n/);
    const inside = error.line >= 1 && error.line <= lines.length && error.column >= 1;
    return inside && error.column <= (lines[error.line - 1]?.length ?? 0) + 2
      ? undefined
      : `a place outside: ${error.line}:${error.column}`;
  }
}

const until = Date.now() + seconds * 1_000;
let tried = 0;
for (let index = 0; Date.now() < until; index++) {
  const dice = new Dice(seed + index);
  const request = generate(dice);
  const start = Date.now();
  const expected = judge(request);
  const asked = engineRequest(request);
  const { verdict, layer } = decide(asked);
  explain(asked);
  let fault =
    verdict === expected.verdict && layer === expected.layer
      ? undefined
      : `decides ${verdict} by ${layer}, not ${expected.verdict} by ${expected.layer}`;
  for (const policy of [...request.identity, request.resourcePolicy?.policy ?? {}]) {
    fault ??= readingFault(spoil(JSON.stringify(policy, null, dice.below(3)), dice), dice.pick(kinds));
    tried++;
  }
  if (Date.now() - start > PATIENCE) fault ??= `${Date.now() - start} ms`;
  if (fault !== undefined) {
    console.error(`seed ${seed + index}: ${fault}`);
    process.exit(1);
  }
}
console.log(`policy: ${tried} spoiled documents, seed ${seed}: nothing found`);
