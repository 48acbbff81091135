/**
 * How many attacks the default managed groups block, and how many ordinary requests: the corpora replayed in this
 * process, both halves of each (detectors were written while looking at the first only), then the attacks disguised
 * and in every place of a request. The corpora belong to others and are not part of the repository.
 */
import type { BenchResult } from '../result.ts';
import { type Entry, halfOf, hasCorpora, load, type Place, place, places, recorded } from './corpus.ts';
import { kindOf, mutations } from './mutations.ts';
import { blockedBy } from './replay.ts';

const sampleOfFamily = 150;

class Tally {
  readonly #all = [0, 0];
  readonly #blocked = [0, 0];

  add(half: number, isBlocked: boolean): void {
    this.#all[half]!++;
    if (isBlocked) this.#blocked[half]!++;
  }

  join(other: Tally): void {
    for (const half of [0, 1]) {
      this.#all[half]! += other.#all[half]!;
      this.#blocked[half]! += other.#blocked[half]!;
    }
  }

  get count(): number {
    return this.#all[0]! + this.#all[1]!;
  }

  get share(): number {
    return (100 * (this.#blocked[0]! + this.#blocked[1]!)) / Math.max(1, this.count);
  }

  get halves(): string {
    return [0, 1]
      .map((half) => (this.#all[half] === 0 ? '–' : ((100 * this.#blocked[half]!) / this.#all[half]!).toFixed(1)))
      .join(' / ');
  }
}

/** A small generator with a fixed seed: the same places and mutations in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

const tallies = new Map<string, Tally>();

function tally(name: string): Tally {
  let found = tallies.get(name);
  if (found === undefined) {
    found = new Tally();
    tallies.set(name, found);
  }
  return found;
}

const payloadSets: readonly (readonly [file: string, short: string, places: readonly Place[]])[] = [
  ['payloads-mgm', 'mgm', ['query', 'form']],
  ['payloads-libinjection', 'libinjection', ['query', 'form', 'json']],
  ['payloads-gotestwaf', 'gotestwaf', ['query', 'form', 'json']],
];

export async function run(): Promise<BenchResult[]> {
  if (!hasCorpora()) {
    console.error('SKIPPED: the corpora are not here (../shared/corpora/waf/dev); nothing was measured.');
    return [];
  }
  const random = randomFrom(7);
  const attacks: Entry[] = [];
  for (const [file, short, where] of payloadSets) {
    for (const entry of load(file)) {
      const family = entry.label === 'benign' ? 'benign' : entry.family;
      // What tools call themselves stands where tools say it.
      const at = family.includes('user-agent') ? 'agent' : where[Math.floor(random() * where.length)]!;
      const request = place(entry.payload!, at);
      tally(`${short}: ${family}`).add(halfOf(entry), blockedBy(request) !== undefined);
      if (entry.label === 'attack' && at !== 'agent') attacks.push(entry);
    }
  }
  for (const entry of load('blazehttp-attack'))
    tally('blazehttp: attacks').add(halfOf(entry), blockedBy(recorded(entry)) !== undefined);
  for (const entry of load('blazehttp-benign'))
    tally('blazehttp: benign').add(halfOf(entry), blockedBy(recorded(entry)) !== undefined);
  for (const entry of load('crs')) {
    if (entry.nstages !== 1 || entry.label !== 'attack') continue;
    const level = (entry.pl ?? 1) <= 1 ? 'level 1' : 'levels 2 to 4';
    tally(`crs’s own tests, ${level}: ${entry.family}`).add(halfOf(entry), blockedBy(recorded(entry)) !== undefined);
  }
  return [...summary(), ...families(), ...disguised(attacks, random)];
}

const round = (value: number): number => Number(value.toFixed(2));

function summary(): BenchResult[] {
  const attacks = new Tally();
  const benign = new Tally();
  const own = new Tally();
  for (const [name, each] of tallies) {
    if (name.endsWith('benign')) benign.join(each);
    // Tests of single expressions of a rule set, most of them no attacks by themselves: shown, and not counted as attacks.
    else if (name.startsWith('crs')) own.join(each);
    else attacks.join(each);
  }
  return [
    {
      name: 'attacks blocked, all',
      value: round(attacks.share),
      unit: '%',
      goal: '≥ 97',
      baseline: `halves ${attacks.halves}, n = ${attacks.count}`,
    },
    {
      name: 'ordinary requests blocked',
      value: round(benign.share),
      unit: '%',
      goal: '≤ 0.5',
      baseline: `halves ${benign.halves}, n = ${benign.count}`,
    },
    {
      name: 'CRS’s own tests blocked',
      value: round(own.share),
      unit: '%',
      baseline: `halves ${own.halves}, n = ${own.count}`,
    },
  ];
}

function families(): BenchResult[] {
  return [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => ({
      name,
      value: round(each.share),
      unit: '%',
      ...(name.endsWith('benign') || name.startsWith('crs') ? {} : { goal: '≥ 85' }),
      baseline: `halves ${each.halves}, n = ${each.count}`,
    }));
}

/** A sample of every family: as it is and disguised, in a query; then as it is in every place. */
function disguised(attacks: readonly Entry[], random: () => number): BenchResult[] {
  const plain = new Map<string, Tally>();
  const changed = new Map<string, Tally>();
  const placed = new Map<string, Tally>(places.map((where) => [where, new Tally()]));
  const into = (map: Map<string, Tally>, name: string): Tally => {
    if (!map.has(name)) map.set(name, new Tally());
    return map.get(name)!;
  };
  for (const entry of sample(attacks, random)) {
    const half = halfOf(entry);
    const isBlocked = blockedBy(place(entry.payload!, 'query')) !== undefined;
    for (const where of places) placed.get(where)!.add(half, blockedBy(place(entry.payload!, where)) !== undefined);
    for (const { name, mutate } of mutations) {
      const payload = mutate(entry.payload!, kindOf(entry.family), random);
      if (payload === undefined) continue;
      into(plain, name).add(half, isBlocked);
      into(changed, name).add(half, blockedBy(place(payload, 'query')) !== undefined);
    }
  }
  const query = placed.get('query')!;
  return [
    ...mutations.map(({ name }): BenchResult => {
      const before = into(plain, name);
      const after = into(changed, name);
      return {
        name: `disguised: ${name}`,
        value: round(after.share),
        unit: '%',
        goal: '≥ as it is − 3',
        baseline: `as it is ${round(before.share)}, n = ${after.count}`,
      };
    }),
    ...places.map((where): BenchResult => {
      const each = placed.get(where)!;
      return {
        name: `placed: ${where}`,
        value: round(each.share),
        unit: '%',
        goal: '≥ query − 3',
        baseline: `query ${round(query.share)}, n = ${each.count}`,
      };
    }),
  ];
}

function sample(entries: readonly Entry[], random: () => number): Entry[] {
  const byFamily = new Map<string, Entry[]>();
  for (const entry of entries) byFamily.set(entry.family, [...(byFamily.get(entry.family) ?? []), entry]);
  return [...byFamily.values()].flatMap((family) =>
    family
      .map((entry) => ({ entry, order: random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, sampleOfFamily)
      .map(({ entry }) => entry),
  );
}
