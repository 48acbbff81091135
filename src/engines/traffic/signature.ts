/**
 * What an attack has in common and nobody else: a combination of attributes, or a set of sources. It must cover most of
 * the surplus and hardly anything of the past, or there is none: better no mitigation than one that hits customers.
 */
import { shares } from './composition.ts';
import type { History } from './history.ts';
import { type Attribute, attributes, type RequestTraits, type TrafficWindow, textOf } from './traits.ts';

export type Signature =
  | { readonly kind: 'attributes'; readonly terms: readonly Term[]; readonly coverage: number; readonly past: number }
  | {
      readonly kind: 'sources';
      readonly sources: readonly string[];
      /** They all ask for this, if it is given. */
      readonly terms: readonly Term[];
      readonly coverage: number;
      readonly past: number;
    };

export interface Term {
  readonly attribute: Attribute;
  /** One of these: whoever attacks may call themselves by turns. */
  readonly values: readonly string[];
}

/** Of the surplus that a signature must cover, and of the past that it may. */
const LEAST_COVERAGE = 0.6;
const MOST_OF_THE_PAST = 0.001;
const MOST_TERMS = 3;
/** Values of an attribute that are looked at. */
const MOST_CANDIDATES = 8;
/** What a value has gained to be looked at. */
const LEAST_RISE = 0.05;
/** Addresses that one set holds (WAF quotas, "IP addresses per IP set"). */
const MOST_SOURCES = 10_000;

/** Undefined where nothing tells the attack from everybody else. */
export function isolate(history: History, window: TrafficWindow): Signature | undefined {
  const surplus = surplusOf(history, window);
  if (surplus.requests <= 0) return undefined;
  return byAttributes(history, window, surplus.requests) ?? bySources(history, window, surplus.requests);
}

function surplusOf(history: History, window: TrafficWindow): { requests: number } {
  return { requests: window.requests - history.rate * window.seconds };
}

/** Every value that has become much more frequent, and those together that hardly anybody had before. */
function candidates(history: History, window: TrafficWindow): Term[] {
  return attributes.flatMap((attribute) => {
    const risen = [...shares(window, attribute)]
      .map(([value, share]) => ({ value, before: history.share(attribute, value), share }))
      .filter(({ before, share }) => share - before > LEAST_RISE)
      .sort((a, b) => b.share - b.before - (a.share - a.before))
      .slice(0, MOST_CANDIDATES);
    const unknown = risen.filter(({ before }) => before < MOST_OF_THE_PAST).map(({ value }) => value);
    const each: Term[] = risen.map(({ value }) => ({ attribute, values: [value] }));
    return unknown.length > 1 ? [...each, { attribute, values: unknown }] : each;
  });
}

export const fits = (traits: RequestTraits, terms: readonly Term[]): boolean =>
  terms.every(({ attribute, values }) => values.includes(textOf(traits, attribute)));

interface Score {
  readonly coverage: number;
  readonly past: number;
}

function score(
  history: History,
  window: TrafficWindow,
  surplus: number,
  isHit: (traits: RequestTraits) => boolean,
): Score {
  const weight = window.requests / Math.max(1, window.sample.length);
  const hits = window.sample.filter(isHit).length * weight;
  const past = history.kept.length === 0 ? 0 : history.kept.filter(isHit).length / history.kept.length;
  return { coverage: Math.min(1, hits / surplus), past };
}

const isGood = ({ coverage, past }: Score): boolean => coverage >= LEAST_COVERAGE && past < MOST_OF_THE_PAST;

/** Adds the term that keeps the most of the surplus for the least of the past, until the past is spared. */
function byAttributes(history: History, window: TrafficWindow, surplus: number): Signature | undefined {
  const terms: Term[] = [];
  const left = candidates(history, window);
  while (terms.length < MOST_TERMS) {
    let best: { term: Term; score: Score } | undefined;
    for (const term of left) {
      if (terms.some(({ attribute }) => attribute === term.attribute)) continue;
      const next = score(history, window, surplus, (traits) => fits(traits, [...terms, term]));
      if (next.coverage < LEAST_COVERAGE) continue;
      if (!best || isBetter(next, best.score)) best = { term, score: next };
    }
    if (!best) return undefined;
    terms.push(best.term);
    if (isGood(best.score)) return { kind: 'attributes', terms, ...best.score };
  }
  return undefined;
}

const isBetter = (a: Score, b: Score): boolean => (a.past === b.past ? a.coverage > b.coverage : a.past < b.past);

/** Sources that each ask for more than any ever did, and were not here before. */
function bySources(history: History, window: TrafficWindow, surplus: number): Signature | undefined {
  const known = new Set(history.kept.map(({ source }) => source));
  const weight = window.requests / Math.max(1, window.sample.length);
  const counts = new Map<string, number>();
  for (const { source } of window.sample) counts.set(source, (counts.get(source) ?? 0) + weight);
  const terms = candidates(history, window)
    .filter(({ attribute }) => attribute === 'path' || attribute === 'queryKeys' || attribute === 'method')
    .slice(0, 1);
  const suspects = [...counts]
    .filter(([source]) => !known.has(source))
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_SOURCES)
    .map(([source]) => source);
  const set = new Set(suspects);
  const result = score(history, window, surplus, (traits) => set.has(traits.source) && fits(traits, terms));
  return isGood(result) ? { kind: 'sources', sources: suspects, terms, ...result } : undefined;
}
