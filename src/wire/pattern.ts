/** The patterns of AWS's models are Java's: this makes JavaScript's of them. Only generated tables come here, never a request. */

/** Escapes that Java takes and JavaScript's `u` mode refuses: characters that need none. */
const NEEDLESS_ESCAPE = /\\([:@=,_'"#&;<>%!~ ])/g;

/** A hyphen after a class escape inside brackets stands for itself in Java; `u` mode wants it escaped. */
const HYPHEN_AFTER_CLASS = /(\\[wdsWDS])-(?=[^\]])/g;

/**
 * A RegExp that matches whole values, as `String.matches` does.
 * @throws SyntaxError for a pattern that JavaScript cannot express; the generator refuses those
 */
export function javaPattern(pattern: string): RegExp {
  const dotAll = pattern.startsWith('(?s)');
  const body = (dotAll ? pattern.slice(4) : pattern)
    .replace(NEEDLESS_ESCAPE, '$1')
    .replace(HYPHEN_AFTER_CLASS, '$1\\-');
  return new RegExp(`^(?:${body})$`, dotAll ? 'us' : 'u');
}

const ONE_CLASS = /^\^?\(?\[(?:[^\]\\]|\\.)+\](?:[*+]|\{\d+,?\d*\})\)?\$?$/;

/** Whether a pattern is one character class repeated: linear in the text, however long. */
export function isOneClass(pattern: string): boolean {
  return ONE_CLASS.test(pattern);
}
