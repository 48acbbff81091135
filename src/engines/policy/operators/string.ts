/** String operators: exact, ignoring case, and with wildcards. Case counts unless the name says otherwise. */
import { matches } from '../../text/glob.ts';
import { type Template, template } from '../variables.ts';
import { MATCHED, MISSED, type Operator, pair, type Test, UNRESOLVED } from './operator.ts';

function equals(fold: (text: string) => string): Operator['compile'] {
  return (values, version) => {
    const templates = values.map((value) => template(value, version));
    const fixed = templates.filter((one) => one.fixed);
    const known = new Set(fixed.map((one) => fold(one.text(nothing) ?? '')));
    const open = templates.filter((one) => !one.fixed);
    const single = known.size === 1 ? [...known][0] : undefined;
    if (open.length === 0 && single !== undefined) return (value) => (fold(value) === single ? MATCHED : MISSED);
    return (value, context) => {
      const actual = fold(value);
      if (known.has(actual)) return MATCHED;
      return anyOf(open, (one) => {
        const text = one.text(context);
        return text === undefined ? undefined : fold(text) === actual;
      });
    };
  };
}

const like: Operator['compile'] = (values, version): Test => {
  const templates = values.map((value) => template(value, version));
  return (value, context) =>
    anyOf(templates, (one) => {
      const pattern = one.glob(context);
      return pattern && matches(pattern, value);
    });
};

/** `holds` answers undefined where a variable cannot be filled in. */
function anyOf(templates: readonly Template[], holds: (one: Template) => boolean | undefined): 0 | 1 | 3 {
  let outcome: 0 | 3 = MISSED;
  for (const one of templates) {
    const answer = holds(one);
    if (answer) return MATCHED;
    if (answer === undefined) outcome = UNRESOLVED;
  }
  return outcome;
}

const nothing = { get: () => undefined };

export const stringEquals = pair(equals((text) => text));
export const stringEqualsIgnoreCase = pair(equals((text) => text.toLowerCase()));
export const stringLike = pair(like);
