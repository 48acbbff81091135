/** Wildcards by the textbook: a table of which prefixes match. Patterns are lists of characters and wildcards. */
import type { OracleContext } from './words.ts';

/** A character to equal, or a wildcard. */
export type Sign = { readonly char: string } | 'star' | 'any';

/** undefined: a variable has no single value. */
export function signs(pattern: string, version: string | undefined, context: OracleContext): Sign[] | undefined {
  if (version !== '2012-10-17') return [...pattern].map(sign);
  const out: Sign[] = [];
  let rest = pattern;
  while (rest !== '') {
    const special = /^\$\{([*?$])\}/.exec(rest);
    const variable = /^\$\{\s*([^},]*[^},\s])\s*(?:, *'((?:(?!' *\}).)*)' *)?\}/s.exec(rest);
    if (special) out.push({ char: special[1]! });
    else if (variable) {
      const value = context[variable[1]!.trim().toLowerCase()] ?? variable[2];
      if (typeof value !== 'string') return undefined;
      for (let at = 0; at < value.length; at++) out.push({ char: value[at]! });
    } else out.push(sign(rest[0]!));
    rest = rest.slice((special ?? variable)?.[0].length ?? 1);
  }
  return out;
}

function sign(char: string): Sign {
  if (char === '*') return 'star';
  return char === '?' ? 'any' : { char };
}

/** Classic dynamic programming over all pairs of prefixes. */
export function matchSigns(pattern: readonly Sign[], text: string): boolean {
  let row = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
  for (const one of pattern) {
    const next: boolean[] = [one === 'star' && row[0]!];
    for (let at = 1; at <= text.length; at++) {
      if (one === 'star') next.push(row[at]! || next[at - 1]!);
      else next.push(row[at - 1]! && (one === 'any' || one.char === text[at - 1]));
    }
    row = next;
  }
  return row[text.length]!;
}

export function actionMatches(pattern: string, action: string): boolean {
  return matchSigns([...pattern.toLowerCase()].map(sign), action.toLowerCase());
}

/** Signs as the text that they spell, for operators in which wildcards mean nothing. */
export function spelled(pattern: readonly Sign[]): string {
  return pattern.map((one) => (one === 'star' ? '*' : one === 'any' ? '?' : one.char)).join('');
}
