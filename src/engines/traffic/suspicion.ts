/**
 * How much one request looks like the surplus of an attack. An attack is described by its signature, where one was found,
 * and by the values that are mostly its own; the description is data, so that whoever judges requests needs no history.
 */
import { shares } from './composition.ts';
import type { History } from './history.ts';
import { fits, type Signature, type Term } from './signature.ts';
import { type Attribute, attributes, type RequestTraits, type TrafficWindow, textOf } from './traits.ts';

export interface Threat {
  /** All of these tell the attack from everybody else. Empty where nothing does, or where only sources do. */
  readonly terms: readonly Term[];
  /** Those who take part, where attributes do not tell. */
  readonly sources: readonly string[];
  /** Values that are hardly anybody else's now: by themselves they say little. */
  readonly odd: readonly Odd[];
}

interface Odd {
  readonly attribute: Attribute;
  readonly value: string;
}

export type SuspicionLevel = 'none' | 'low' | 'medium' | 'high';

/** A value is odd where so much of what has it is surplus, so much of everything has it, and so many times as much as ever. */
const LEAST_SURPLUS = 0.8;
const LEAST_SHARE = 0.2;
const LEAST_RISE = 2;
/** The busiest of the sources; a description must stay small. */
const MOST_SOURCES = 2_000;
/** Parts of the odd attributes that a request must share. */
const MEDIUM = 0.75;
const LOW = 0.5;

/** Undefined where nothing is more than usual in this window: what was said before still holds. */
export function threatOf(
  history: History,
  window: TrafficWindow,
  signature: Signature | undefined,
): Threat | undefined {
  const rate = window.requests / window.seconds;
  const usual = history.short.rate(window.start);
  if (rate <= usual) return undefined;
  const odd = attributes.flatMap((attribute) =>
    [...shares(window.sample, attribute)]
      .filter(([value, share]) => {
        const before = history.share(attribute, value);
        if (share < LEAST_SHARE || share < LEAST_RISE * before) return false;
        return 1 - (before * usual) / (share * rate) >= LEAST_SURPLUS;
      })
      .map(([value]) => ({ attribute, value })),
  );
  return {
    terms: signature?.terms ?? [],
    sources: signature?.kind === 'sources' ? signature.sources.slice(0, MOST_SOURCES).sort() : [],
    odd,
  };
}

/** Makes a threat ready to be asked about many requests. */
export function suspicionOf({ terms, sources, odd }: Threat): (traits: RequestTraits) => SuspicionLevel {
  const members = new Set(sources);
  const hasSignature = terms.length > 0 || members.size > 0;
  const isFit = fits(terms);
  const values = new Map<Attribute, Set<string>>();
  for (const { attribute, value } of odd) {
    const known = values.get(attribute);
    if (known) known.add(value);
    else values.set(attribute, new Set([value]));
  }
  return (traits) => {
    const isSource = members.size === 0 || members.has(traits.source);
    if (hasSignature && isSource && isFit(traits)) return 'high';
    let shared = 0;
    for (const [attribute, own] of values) if (own.has(textOf(traits, attribute))) shared += 1;
    const part = values.size === 0 ? 0 : shared / values.size;
    // One attribute is everybody's who happens to have it.
    if (part >= MEDIUM && shared >= 2) return 'medium';
    return part >= LOW ? 'low' : 'none';
  };
}
