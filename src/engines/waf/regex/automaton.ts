/**
 * Runs a network over bytes in linear time: sets of active nodes are bits in words, and sets that were met before are
 * states of an automaton that is built while it runs, within a bounded memory. Where it would grow without end, the sets
 * are moved directly; what that costs a byte is bounded when the expression is compiled.
 */
import { RegexFault } from './fault.ts';
import type { RegexMemory } from './memory.ts';
import { endSymbol, type Network } from './network.ts';

/** Operations on words for one byte, at most. */
const mostWork = 700;

const unknown = -1;
const acceptedAfter = -2;
const acceptedBefore = -3;
const dead = -4;

interface Shift {
  readonly distance: number;
  readonly from: Int32Array;
}

export class Automaton {
  readonly #words: number;
  readonly #classOf = new Uint16Array(257);
  readonly #classes: number;
  /** For each class, the nodes that read it. */
  readonly #reads: Int32Array;
  readonly #shifts: readonly Shift[];
  /** Nodes that have the same followers (and no shift says so already), and these followers. */
  readonly #groupFrom: Int32Array;
  readonly #groupTo: Int32Array;
  readonly #groups: number;
  readonly #after: Int32Array;
  readonly #before: Int32Array;
  readonly #start: Int32Array;
  readonly #current: Int32Array;
  readonly #next: Int32Array;

  readonly #memory: RegexMemory;
  #states = 0;
  #sets: Int32Array;
  /** For each state and class of symbols: where the moves of the next state begin, or what is negative above. */
  #moves: Int32Array;
  #index: Int32Array;

  constructor(network: Network, memory: RegexMemory) {
    this.#memory = memory;
    memory.join();
    const words = Math.max(1, Math.ceil(network.nodes.length / 32));
    this.#words = words;
    this.#classes = this.#classify(network);
    this.#reads = new Int32Array(this.#classes * words);
    const examples = new Int32Array(this.#classes);
    for (let symbol = 0; symbol <= endSymbol; symbol++) examples[this.#classOf[symbol]!] = symbol;
    for (const [node, { reads }] of network.nodes.entries()) {
      for (let each = 0; each < this.#classes; each++) {
        if (reads[examples[each]!] === 1) setBit(this.#reads, each * words, node);
      }
    }
    const { shifts, rest } = shiftsOf(network.edges, words);
    this.#shifts = shifts;
    const groups = groupsOf(rest, words);
    this.#groups = groups.length;
    this.#groupFrom = new Int32Array(groups.length * words);
    this.#groupTo = new Int32Array(groups.length * words);
    for (const [index, [from, to]] of groups.entries()) {
      this.#groupFrom.set(from, index * words);
      this.#groupTo.set(to, index * words);
    }
    const work = words * (1 + 2 * shifts.length + 2 * groups.length);
    if (work > mostWork) throw new RegexFault('more optional and repeated parts than can be followed in bounded time');
    this.#after = bitsOf(network.acceptsAfter, words);
    this.#before = bitsOf(network.acceptsBefore, words);
    this.#start = bitsOf([network.start], words);
    this.#current = new Int32Array(words);
    this.#next = new Int32Array(words);
    this.#sets = new Int32Array(16 * words);
    this.#moves = new Int32Array(16 * this.#classes);
    this.#index = new Int32Array(64);
    this.#reset();
  }

  /** Where the match that ends first ends; -1 where there is none. Texts hold one character per byte. */
  search(text: string, from = 0, to = text.length): number {
    const classOf = this.#classOf;
    const endClass = classOf[endSymbol]!;
    let moves = this.#moves;
    let resets = 0;
    // Where the moves of the current state begin.
    let row = 0;
    for (let at = from; at <= to; at++) {
      const symbolClass = at === to ? endClass : classOf[text.charCodeAt(at) & 0xff]!;
      let next = moves[row + symbolClass]!;
      if (next < 0) {
        if (next === unknown) {
          let state = row / this.#classes;
          if (this.#states >= this.#mostStates()) {
            this.#current.set(this.#sets.subarray(state * this.#words, (state + 1) * this.#words));
            resets += 1;
            if (resets > 2) return this.#walk(text, at, to);
            this.#reset();
            // A set that accepts is never kept: the search would have ended there.
            state = this.#intern(this.#current);
          }
          next = this.#learn(state, symbolClass);
          moves = this.#moves;
        }
        if (next === acceptedAfter) return at + 1;
        if (next === acceptedBefore) return at;
        if (next === dead) return -1;
      }
      row = next;
    }
    return -1;
  }

  /** Without learning states: `current` holds the active nodes. */
  #walk(text: string, from: number, to: number): number {
    for (let at = from; at <= to; at++) {
      this.#move(at === to ? this.#classOf[endSymbol]! : this.#classOf[text.charCodeAt(at) & 0xff]!);
      const outcome = this.#outcome();
      if (outcome === acceptedAfter) return at + 1;
      if (outcome === acceptedBefore) return at;
      if (outcome === dead) return -1;
      this.#current.set(this.#next);
    }
    return -1;
  }

  #learn(state: number, symbolClass: number): number {
    this.#current.set(this.#sets.subarray(state * this.#words, (state + 1) * this.#words));
    this.#move(symbolClass);
    const outcome = this.#outcome();
    const next = outcome === unknown ? this.#intern(this.#next) * this.#classes : outcome;
    this.#moves[state * this.#classes + symbolClass] = next;
    return next;
  }

  #outcome(): number {
    const next = this.#next;
    let before = 0;
    let any = 0;
    for (let word = 0; word < this.#words; word++) {
      const bits = next[word]!;
      if ((bits & this.#after[word]!) !== 0) return acceptedAfter;
      before |= bits & this.#before[word]!;
      any |= bits;
    }
    if (before !== 0) return acceptedBefore;
    return any === 0 ? dead : unknown;
  }

  /** From `current` over one symbol to `next`. */
  #move(symbolClass: number): void {
    const words = this.#words;
    const current = this.#current;
    const next = this.#next;
    next.fill(0);
    for (const { distance, from } of this.#shifts) {
      if (distance === 0) {
        for (let word = 0; word < words; word++) next[word]! |= current[word]! & from[word]!;
        continue;
      }
      let carry = 0;
      for (let word = 0; word < words; word++) {
        const bits = current[word]! & from[word]!;
        next[word]! |= (bits << distance) | carry;
        carry = bits >>> (32 - distance);
      }
    }
    for (let group = 0, base = 0; group < this.#groups; group++, base += words) {
      let isActive = 0;
      for (let word = 0; word < words; word++) isActive |= current[word]! & this.#groupFrom[base + word]!;
      if (isActive === 0) continue;
      for (let word = 0; word < words; word++) next[word]! |= this.#groupTo[base + word]!;
    }
    const base = symbolClass * words;
    for (let word = 0; word < words; word++) next[word]! &= this.#reads[base + word]!;
  }

  #mostStates(): number {
    return Math.max(16, Math.min(4_096, Math.floor(this.#memory.share / (4 * (this.#classes + this.#words)))));
  }

  #reset(): void {
    this.#states = 0;
    this.#index.fill(0);
    this.#intern(this.#start);
  }

  /** The state of a set of nodes, new where it was never met. */
  #intern(set: Int32Array): number {
    const words = this.#words;
    let hash = 0x811c9dc5;
    for (let word = 0; word < words; word++) hash = Math.imul(hash ^ set[word]!, 0x01000193) ^ (hash >>> 15);
    hash ^= hash >>> 13;
    const mask = this.#index.length - 1;
    let slot = hash & mask;
    for (; this.#index[slot] !== 0; slot = (slot + 1) & mask) {
      const base = (this.#index[slot]! - 1) * words;
      let word = 0;
      while (word < words && this.#sets[base + word] === set[word]) word++;
      if (word === words) return this.#index[slot]! - 1;
    }
    const state = this.#states++;
    if ((state + 1) * words > this.#sets.length) this.#grow();
    this.#sets.set(set, state * words);
    this.#moves.fill(unknown, state * this.#classes, (state + 1) * this.#classes);
    if (this.#states * 2 > this.#index.length) this.#reindex();
    else this.#index[slot] = state + 1;
    return state;
  }

  #grow(): void {
    const sets = new Int32Array(this.#sets.length * 2);
    sets.set(this.#sets);
    this.#sets = sets;
    const moves = new Int32Array(this.#moves.length * 2);
    moves.set(this.#moves);
    this.#moves = moves;
  }

  #reindex(): void {
    const words = this.#words;
    this.#index = new Int32Array(this.#index.length * 2);
    const mask = this.#index.length - 1;
    for (let state = 0; state < this.#states; state++) {
      let hash = 0x811c9dc5;
      for (let word = 0; word < words; word++) {
        hash = Math.imul(hash ^ this.#sets[state * words + word]!, 0x01000193) ^ (hash >>> 15);
      }
      hash ^= hash >>> 13;
      let slot = hash & mask;
      while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
      this.#index[slot] = state + 1;
    }
  }

  /** Symbols that no node tells apart are one class. */
  #classify(network: Network): number {
    let classes = 1;
    const classOf = this.#classOf;
    for (const reads of new Set(network.nodes.map((node) => node.reads))) {
      const renamed = new Map<number, number>();
      for (let symbol = 0; symbol <= endSymbol; symbol++) {
        if (reads[symbol] !== 1) continue;
        const old = classOf[symbol]!;
        let fresh = renamed.get(old);
        if (fresh === undefined) {
          fresh = classes++;
          renamed.set(old, fresh);
        }
        classOf[symbol] = fresh;
      }
    }
    // Numbers without gaps.
    const dense = new Map<number, number>();
    for (let symbol = 0; symbol <= endSymbol; symbol++) {
      const old = classOf[symbol]!;
      if (!dense.has(old)) dense.set(old, dense.size);
      classOf[symbol] = dense.get(old)!;
    }
    return dense.size;
  }
}

function setBit(words: Int32Array, base: number, bit: number): void {
  words[base + (bit >>> 5)]! |= 1 << (bit & 31);
}

function bitsOf(nodes: readonly number[], words: number): Int32Array {
  const bits = new Int32Array(words);
  for (const node of nodes) setBit(bits, 0, node);
  return bits;
}

/** Edges over the same short distance forward are one shift of all bits; the five that say most are taken. */
function shiftsOf(
  edges: readonly (readonly [number, number])[],
  words: number,
): { readonly shifts: readonly Shift[]; readonly rest: readonly (readonly [number, number])[] } {
  const counts = new Map<number, number>();
  for (const [from, to] of edges) {
    const distance = to - from;
    if (distance >= 0 && distance < 32) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  const chosen = [...counts]
    .filter(([, count]) => count > 2)
    .sort((left, right) => right[1] - left[1])
    .slice(0, 5)
    .map(([distance]) => distance);
  const shifts = chosen.map((distance) => ({ distance, from: new Int32Array(words) }));
  const rest: (readonly [number, number])[] = [];
  for (const edge of edges) {
    const at = chosen.indexOf(edge[1] - edge[0]);
    if (at < 0) rest.push(edge);
    else setBit(shifts[at]!.from, 0, edge[0]);
  }
  return { shifts, rest };
}

function groupsOf(
  edges: readonly (readonly [number, number])[],
  words: number,
): (readonly [from: Int32Array, to: Int32Array])[] {
  const followers = new Map<number, Int32Array>();
  for (const [from, to] of edges) {
    let bits = followers.get(from);
    if (!bits) {
      bits = new Int32Array(words);
      followers.set(from, bits);
    }
    setBit(bits, 0, to);
  }
  const groups = new Map<string, readonly [Int32Array, Int32Array]>();
  for (const [from, bits] of followers) {
    const key = bits.join();
    let group = groups.get(key);
    if (!group) {
      group = [new Int32Array(words), bits];
      groups.set(key, group);
    }
    setBit(group[0], 0, from);
  }
  return [...groups.values()];
}
