/** ARN operators: ArnEquals and ArnLike do the same; the six components are matched one by one. */
import { arnComponents } from '../../text/arn.ts';
import { matches } from '../../text/glob.ts';
import type { PolicyVersion } from '../document.ts';
import type { Context } from '../types.ts';
import { Template, type Token, tokens } from '../variables.ts';
import { MALFORMED, MATCHED, MISSED, type Operator, type Outcome, pair, UNRESOLVED } from './operator.ts';

type Pattern = (components: readonly string[], context: Context) => Outcome;

const like: Operator['compile'] = (values, version) => {
  const patterns = values.map((value) => pattern(value, version));
  return (value, context) => {
    const components = arnComponents(value);
    if (components?.[0] !== 'arn') return MALFORMED;
    let outcome: Outcome = MISSED;
    for (const one of patterns) {
      const answer = one(components, context);
      if (answer === MATCHED) return MATCHED;
      if (answer === MALFORMED || outcome === MISSED) outcome = answer;
    }
    return outcome;
  };
};

function pattern(value: string, version: PolicyVersion): Pattern {
  if (value === '*') return () => MATCHED;
  const parts = tokens(value, version);
  const components = split(parts);
  if (components.length === 6) return (actual, context) => each(components, actual, context);
  const [only] = parts;
  if (only?.kind !== 'variable' || parts.length > 1) return () => MALFORMED;
  // The whole ARN comes from a variable: taken literally.
  const whole = new Template(value, parts);
  return (actual, context) => {
    const text = whole.text(context);
    if (text === undefined) return UNRESOLVED;
    return text === actual.join(':') ? MATCHED : MISSED;
  };
}

function each(components: readonly Template[], actual: readonly string[], context: Context): Outcome {
  let outcome: Outcome = MATCHED;
  for (let index = 0; index < 6; index++) {
    const wanted = components[index]!.glob(context);
    if (!wanted) outcome = UNRESOLVED;
    else if (!matches(wanted, actual[index]!)) return MISSED;
  }
  return outcome;
}

/** Cuts at the first five colons of the policy's own text: an inserted value cannot move the borders. */
function split(parts: readonly Token[]): Template[] {
  const components: Token[][] = [[]];
  for (const token of parts) {
    if (token.kind !== 'text') {
      components.at(-1)!.push(token);
      continue;
    }
    let rest = token.text;
    while (components.length < 6) {
      const colon = rest.indexOf(':');
      if (colon < 0) break;
      if (colon > 0) components.at(-1)!.push({ kind: 'text', text: rest.slice(0, colon) });
      components.push([]);
      rest = rest.slice(colon + 1);
    }
    if (rest !== '') components.at(-1)!.push({ kind: 'text', text: rest });
  }
  return components.map((component) => new Template('', component));
}

export const arnLike = pair(like);
