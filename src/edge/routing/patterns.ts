/** Patterns of rules: wildcards, and regular expressions that somebody else wrote. */

import { glob, hasReserved, matches } from '../../engines/text/glob.ts';
import { compileRegex } from '../../engines/waf/regex/regex.ts';

export type TextTest = (text: string) => boolean;

const never: TextTest = () => false;

/** `*` is any run of characters, `?` any one; a backslash takes either's meaning away where `escapes` says so. */
export function wildcard(pattern: string, options: { ignoreCase: boolean; escapes?: boolean }): TextTest {
  const wanted = options.ignoreCase ? pattern.toLowerCase() : pattern;
  const test = options.escapes && wanted.includes('\\') ? escaped(wanted) : unescaped(wanted);
  return options.ignoreCase ? (text) => test(text.toLowerCase()) : test;
}

function unescaped(pattern: string): TextTest {
  if (hasReserved(pattern)) return never;
  const compiled = glob(pattern);
  return (text) => !hasReserved(text) && matches(compiled, text);
}

/** Escaped wildcards become characters that no request has, on both sides. */
function escaped(pattern: string): TextTest {
  const swap = (text: string): string => text.replaceAll('*', '\ue000').replaceAll('?', '\ue001');
  const inner = unescaped(pattern.replace(/\\([*?\\])/g, (_, mark: string) => (mark === '\\' ? mark : swap(mark))));
  return (text) => inner(swap(text));
}

/** Longer values than any name or path that a rule can mean are not searched. */
const longestText = 8 * 1024;

/** A rule's regular expression, in time linear in the text. Undefined for what is none, or beyond what is understood. */
export function regex(pattern: string): TextTest | undefined {
  try {
    const compiled = compileRegex(pattern);
    return (text) => text.length <= longestText && compiled.test(text);
  } catch {
    return undefined;
  }
}
