/**
 * What an attack has in common and nobody else: a combination of attributes, or a set of sources. It must cover most of
 * the surplus and hardly anything of the past, or there is none: better no mitigation than one that hits customers.
 */
import { shares, UNKNOWN } from './composition.ts';
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
  /** None of these: whoever attacks may call themselves something else each time. */
  readonly isNot?: true;
}

/** Of the surplus that a signature must cover, and of the past that it may. */
const LEAST_COVERAGE = 0.6;
const MOST_OF_THE_PAST = UNKNOWN;
/** What is preferred. */
const GOOD_COVERAGE = 0.9;
/** What may be lost of the surplus for a signature to stay as it is. */
const MOST_LOST = 0.1;
const MOST_TERMS = 3;
/** Values of an attribute that are looked at one by one, and together: in a rule, each is a condition, or each of its keys. */
const MOST_CANDIDATES = 8;
const mostTogether = (attribute: Attribute): number => (attribute === 'queryKeys' ? 10 : 50);
/** What a value has gained to be looked at, by itself and with others. */
const LEAST_RISE = 0.05;
const LEAST_RISE_TOGETHER = 0.005;
/** Addresses that one set holds (WAF quotas, "IP addresses per IP set"). */
const MOST_SOURCES = 10_000;
/** So many are no few persons. */
const LEAST_SOURCES = 20;

/** Undefined where nothing tells the attack from everybody else. */
export function isolate(history: History, window: TrafficWindow): Signature | undefined {
  const trial = trialOf(history, window);
  if (trial.surplus <= 0) return undefined;
  const values = candidates(history, window);
  const all = [...values, ...unusual(history, window)];
  for (const least of [GOOD_COVERAGE, LEAST_COVERAGE]) {
    const named = byAttributes(trial, values, least);
    if (named) return named;
    const unnamed = byAttributes(trial, all, least);
    if (unnamed) return closer(unnamed, trial, values);
  }
  return bySources(history, trial, asked(trial, values));
}

/** As `isolate`, but what told the attack before stays while it does: what is placed is not to change at every look. */
export function follow(history: History, window: TrafficWindow, before: Signature | undefined): Signature | undefined {
  const found = isolate(history, window);
  if (!found || found.kind !== before?.kind) return found ?? before;
  const trial = trialOf(history, window);
  const still =
    before.kind === 'sources'
      ? bySources(history, trial, before.terms)
      : { ...before, ...scoreOf(before.terms.reduce(narrowed, trial)) };
  return still && isGood(still) && still.coverage >= found.coverage - MOST_LOST ? still : found;
}

/** Every value that has become much more frequent, and those together that hardly anybody had before. */
function candidates(history: History, window: TrafficWindow): Term[] {
  // What came once may never come again.
  const isUnknown = ({ before, share }: { before: number; share: number }): boolean =>
    before < MOST_OF_THE_PAST && share * window.sample.length > 1.5;
  const found = attributes.flatMap((attribute) => {
    const risen = [...shares(window.sample, attribute)]
      .map(([value, share]) => ({ value, before: history.share(attribute, value), share }))
      .filter(({ before, share }) => share - before > LEAST_RISE_TOGETHER)
      .sort((a, b) => b.share - b.before - (a.share - a.before));
    const unknown = risen.filter(isUnknown).slice(0, mostTogether(attribute));
    const each: Term[] = risen
      .filter(({ before, share }) => share - before > LEAST_RISE)
      .slice(0, MOST_CANDIDATES)
      .map(({ value }) => ({ attribute, values: [value] }));
    return unknown.length > 1 ? [...each, { attribute, values: unknown.map(({ value }) => value) }] : each;
  });
  return found.filter(isSayable);
}

/** No rule can say that nobody knows where a request comes from. */
const isSayable = ({ attribute, values }: Term): boolean => attribute !== 'country' || !values.includes('');

/** All but the most usual values of an attribute, where that has become more frequent. */
function unusual(history: History, window: TrafficWindow): Term[] {
  const found = attributes.flatMap((attribute) => {
    const usual = [...history.shares(attribute)].sort(([, a], [, b]) => b - a).slice(0, mostTogether(attribute));
    const now = shares(window.sample, attribute);
    const rise = usual.reduce((sum, [value, share]) => sum + share - (now.get(value) ?? 0), 0);
    const term: Term = { attribute, values: usual.map(([value]) => value), isNot: true };
    return rise > LEAST_RISE ? [term] : [];
  });
  return found.filter(isSayable);
}

/** Makes terms ready to be asked about many requests. */
export function fits(terms: readonly Term[]): (traits: RequestTraits) => boolean {
  const each = terms.map(({ attribute, values, isNot }) => ({
    attribute,
    has: new Set(values),
    isNot: isNot ?? false,
  }));
  return (traits) => each.every(({ attribute, has, isNot }) => has.has(textOf(traits, attribute)) !== isNot);
}

/** The requests of an attack and those of the past, on which terms are tried. */
interface Trial {
  /** Requests that are too many. */
  readonly surplus: number;
  /** Requests that one of the sample stands for. */
  readonly weight: number;
  readonly sample: readonly RequestTraits[];
  readonly kept: readonly RequestTraits[];
  /** Of the past, before it was narrowed. */
  readonly past: number;
}

function trialOf(history: History, { requests, seconds, start, sample }: TrafficWindow): Trial {
  const surplus = requests - history.short.rate(start) * seconds;
  const weight = requests / Math.max(1, sample.length);
  return { surplus, weight, sample, kept: history.kept, past: Math.max(1, history.kept.length) };
}

/** Those alone that a term fits. */
function narrowed(trial: Trial, term: Term): Trial {
  const isFit = fits([term]);
  return { ...trial, sample: trial.sample.filter(isFit), kept: trial.kept.filter(isFit) };
}

interface Score {
  readonly coverage: number;
  readonly past: number;
}

const scoreOf = ({ surplus, weight, sample, kept, past }: Trial): Score => ({
  coverage: Math.min(1, (sample.length * weight) / surplus),
  past: kept.length / past,
});

const isGood = ({ coverage, past }: Score): boolean => coverage >= LEAST_COVERAGE && past < MOST_OF_THE_PAST;

/** Adds the term that keeps the most of the surplus for the least of the past, until the past is spared. */
function byAttributes(trial: Trial, candidates: readonly Term[], least: number): Signature | undefined {
  const terms: Term[] = [];
  let left = trial;
  while (terms.length < MOST_TERMS) {
    let best: { term: Term; trial: Trial; score: Score } | undefined;
    for (const term of candidates) {
      if (terms.some(({ attribute }) => attribute === term.attribute)) continue;
      const next = narrowed(left, term);
      const score = scoreOf(next);
      if (score.coverage < least) continue;
      if (!best || isBetter(score, best.score)) best = { term, trial: next, score };
    }
    if (!best) return undefined;
    terms.push(best.term);
    left = best.trial;
    if (isGood(best.score)) return { kind: 'attributes', terms, ...best.score };
  }
  return undefined;
}

function isBetter(a: Score, b: Score): boolean {
  const bothGood = isGood(a) && isGood(b);
  return bothGood || a.past === b.past ? a.coverage > b.coverage : a.past < b.past;
}

/** Somebody new may have unusual values, too: no more is hit than what nearly all of the attack asks for. */
function closer(found: Signature, trial: Trial, candidates: readonly Term[]): Signature {
  const left = found.terms.reduce(narrowed, trial);
  const more = asked(left, candidates).filter((term) =>
    found.terms.every(({ attribute }) => attribute !== term.attribute),
  );
  return { ...found, terms: [...found.terms, ...more], ...scoreOf(more.reduce(narrowed, left)) };
}

/** What nearly all of the surplus asks for. */
function asked(trial: Trial, candidates: readonly Term[]): readonly Term[] {
  const terms: Term[] = [];
  let left = trial;
  for (const term of candidates) {
    const isAsked = term.attribute === 'path' || term.attribute === 'queryKeys' || term.attribute === 'method';
    if (!isAsked || terms.some(({ attribute }) => attribute === term.attribute)) continue;
    const next = narrowed(left, term);
    if (next.sample.length < GOOD_COVERAGE * left.sample.length && scoreOf(next).coverage < GOOD_COVERAGE) continue;
    terms.push(term);
    left = next;
  }
  return terms;
}

/** Sources that were not here before, and ask for all of that. */
function bySources(history: History, trial: Trial, terms: readonly Term[]): Signature | undefined {
  const known = new Set(trial.kept.map(({ source }) => source));
  const left = terms.reduce(narrowed, trial);
  const counts = new Map<string, number>();
  for (const { source } of left.sample) if (!known.has(source)) counts.set(source, (counts.get(source) ?? 0) + 1);
  const sources = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_SOURCES)
    .map(([source]) => source);
  // A few who ask for no more than others do in a minute have opened a page.
  const each = (left.weight * left.sample.length) / sources.length;
  if (sources.length < LEAST_SOURCES && each < 2 * 60 * history.sourceRate) return undefined;
  const set = new Set(sources);
  const isMember = ({ source }: RequestTraits): boolean => set.has(source);
  const score = scoreOf({ ...left, sample: left.sample.filter(isMember), kept: left.kept.filter(isMember) });
  return isGood(score) ? { kind: 'sources', sources, terms, ...score } : undefined;
}
