/**
 * Filter patterns: terms, quoted phrases, `-` for absence, `?` for alternatives, and comparisons of JSON members.
 * @see CloudWatch Logs User Guide, "Filter pattern syntax"
 */
import { glob, hasReserved, matches as matchesGlob } from '../../engines/text/glob.ts';
import { invalid } from './errors.ts';

type Matcher = (message: string) => boolean;

const MOST_CHARACTERS = 1024;

/** @throws InvalidParameterException for patterns that are none, or of a kind that is not built */
export function filterPattern(pattern: string): Matcher {
  const text = pattern.trim();
  if (text.length > MOST_CHARACTERS) throw invalid('Invalid filter pattern');
  if (text === '') return () => true;
  if (text.startsWith('{')) return jsonPattern(text);
  if (text.startsWith('[')) throw invalid('Filter patterns of space-delimited fields are not built by Bailey.');
  if (text.startsWith('%')) throw invalid('Filter patterns with regular expressions are not built by Bailey.');
  return termPattern(text);
}

function termPattern(text: string): Matcher {
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/g)].map(
    ([, sign = '', quoted, bare = '']) => ({
      sign,
      text: quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'),
    }),
  );
  const needed = terms.filter(({ sign }) => sign === '');
  const absent = terms.filter(({ sign }) => sign === '-');
  const either = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    needed.every((term) => message.includes(term.text)) &&
    absent.every((term) => !message.includes(term.text)) &&
    (either.length === 0 || either.some((term) => message.includes(term.text)));
}

type Test = (event: unknown) => boolean;

function jsonPattern(text: string): Matcher {
  if (!text.endsWith('}')) throw invalid('Invalid filter pattern');
  const parser = new Parser(text.slice(1, -1));
  const test = parser.either();
  parser.end();
  return (message) => {
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

/** `$.a.b[0] = "x" && ($.c > 1 || $.d IS NULL)`: `&&` binds before `||`. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = text.match(/"(?:[^"\\]|\\.)*"|&&|\|\||[()]|!=|<=|>=|[=<>]|[^\s()=<>!&|"]+|\S/g) ?? [];
  }

  either(): Test {
    const parts = [this.#both()];
    while (this.#take('||')) parts.push(this.#both());
    return (event) => parts.some((part) => part(event));
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw invalid('Invalid filter pattern');
  }

  #both(): Test {
    const parts = [this.#one()];
    while (this.#take('&&')) parts.push(this.#one());
    return (event) => parts.every((part) => part(event));
  }

  #one(): Test {
    if (!this.#take('(')) return this.#comparison();
    this.#depth += 1;
    if (this.#depth > 16) throw invalid('Invalid filter pattern');
    const inner = this.either();
    if (!this.#take(')')) throw invalid('Invalid filter pattern');
    this.#depth -= 1;
    return inner;
  }

  #comparison(): Test {
    const path = selector(this.#next());
    const operator = this.#next();
    const word = operator.toUpperCase();
    if (word === 'NOT') {
      if (this.#next().toUpperCase() !== 'EXISTS') throw invalid('Invalid filter pattern');
      return (event) => path(event) === undefined;
    }
    const operand = this.#next();
    if (word === 'IS') {
      const wanted = { NULL: null, TRUE: true, FALSE: false }[operand.toUpperCase()];
      if (wanted === undefined) throw invalid('Invalid filter pattern');
      return (event) => path(event) === wanted;
    }
    return comparison(path, operator, operand);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalid('Invalid filter pattern');
    this.#at += 1;
    return token;
  }
}

function selector(text: string): (event: unknown) => unknown {
  if (!/^\$(?:\.[\w-]+|\[\d{1,6}\])+$/.test(text)) throw invalid('Invalid filter pattern');
  const steps = [...text.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return (event) => {
    let value = event;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string | number, unknown>)[step];
    }
    return value;
  };
}

function comparison(path: (event: unknown) => unknown, operator: string, operand: string): Test {
  const quoted = operand.startsWith('"');
  const text = quoted ? operand.slice(1, -1).replace(/\\(.)/g, '$1') : operand;
  const number = quoted || !/^-?\d+(?:\.\d+)?$/.test(text) ? undefined : Number(text);
  const pattern = hasReserved(text) ? undefined : glob(text);
  const isEqual = (value: unknown): boolean => {
    if (typeof value === 'number') return number !== undefined && value === number;
    if (typeof value === 'boolean') return String(value) === text;
    return typeof value === 'string' && pattern !== undefined && matchesGlob(pattern, value);
  };
  switch (operator) {
    case '=':
      return (event) => isEqual(path(event));
    case '!=':
      return (event) => path(event) !== undefined && !isEqual(path(event));
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (number === undefined) throw invalid('Invalid filter pattern');
      return (event) => {
        const value = path(event);
        if (typeof value !== 'number') return false;
        if (value === number) return operator.length === 2;
        return operator.startsWith('<') ? value < number : value > number;
      };
    }
    default:
      throw invalid('Invalid filter pattern');
  }
}
