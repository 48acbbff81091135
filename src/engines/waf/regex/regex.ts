/** Regular expressions of users: compiled once, run in time linear in the text, whatever the pattern. */
import { Automaton } from './automaton.ts';
import { RegexFault } from './fault.ts';
import { RegexMemory } from './memory.ts';
import { networkOf } from './network.ts';
import { parseRegex } from './parse.ts';
import { positionsOf } from './positions.ts';
import { requiredLiterals } from './required.ts';
import { choice, type Tree } from './tree.ts';

export interface Regex {
  /** Texts hold one character per byte. */
  test(text: string): boolean;
  /** The bytes that matched, at most `most` of them; undefined where nothing does. */
  find(text: string, most: number): string | undefined;
  /** Where there are any: every match holds one of these, in whatever case. */
  readonly required?: readonly string[] | undefined;
}

/** Throws `RegexFault` where the pattern is malformed, not supported or too large. */
export function compileRegex(pattern: string, memory = new RegexMemory()): Regex {
  return fromTree(parseRegex(pattern), memory);
}

/** One that matches where any of the patterns does: a single pass where they fit into one automaton. */
export function compileRegexSet(patterns: readonly string[], memory = new RegexMemory()): Regex {
  const trees = patterns.map(parseRegex);
  try {
    return fromTree(choice(trees), memory);
  } catch (error) {
    if (!(error instanceof RegexFault)) throw error;
  }
  const regexes = trees.map((tree) => fromTree(tree, memory));
  return {
    required: requiredLiterals(choice(trees)),
    test: (text) => regexes.some((regex) => regex.test(text)),
    find: (text, most) => {
      for (const regex of regexes) {
        const found = regex.find(text, most);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

function fromTree(tree: Tree, memory: RegexMemory): Regex {
  const network = networkOf(positionsOf(tree));
  if (network.matchesAlways) return { test: () => true, find: () => '' };
  const automaton = new Automaton(network, memory);
  return {
    required: requiredLiterals(tree),
    test: (text) => automaton.search(text) >= 0,
    find: (text, most) => {
      const end = automaton.search(text);
      return end < 0 ? undefined : text.slice(startOf(automaton, text, end, most), end);
    },
  };
}

/** The latest start from which the match that ends there is still found, looked for within the last `most` bytes. */
function startOf(automaton: Automaton, text: string, end: number, most: number): number {
  let early = Math.max(0, end - most);
  if (automaton.search(text.slice(early, end)) < 0) return early;
  let late = end;
  while (late - early > 1) {
    const middle = (early + late) >>> 1;
    if (automaton.search(text.slice(middle, end)) >= 0) early = middle;
    else late = middle;
  }
  return early;
}
