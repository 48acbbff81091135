/** The hashes under which entries are found; of each tag the last value is remembered, since calls come in streaks. */
import type { Hash64, SipHash } from './sip-hash.ts';
import type { Entry } from './store.ts';

/** Places (a stream and a partition) of which values are remembered. */
const MOST_PLACES = 256;
const LONGEST_VALUE = 256;

interface Known {
  value: string;
  low: number;
  high: number;
}

interface Place {
  readonly partition: Known;
  readonly prefix: string;
  readonly tags: Map<string, Known>;
}

export class TagHashes {
  readonly #hash: SipHash;
  readonly #places = new Map<string, Map<string, Place>>();
  #count = 0;

  constructor(hash: SipHash) {
    this.#hash = hash;
  }

  /** Low and high halves of the hashes of partition, id and tags, one pair after the other. */
  of({ stream, partition, id, tags }: Entry): number[] {
    const place = this.#place(stream, partition);
    const found = this.ofId(stream, id);
    const hashes = [place.partition.low, place.partition.high, found.low, found.high];
    for (const name in tags) {
      const tag = tags[name];
      if (typeof tag === 'string') this.#add(hashes, place, name, tag);
      else if (tag) for (const value of tag) this.#add(hashes, place, name, value);
    }
    return hashes;
  }

  ofId(stream: string, id: string): Hash64 {
    return this.#hash.ofText(`i${stream}\0${id}`);
  }

  ofPartition(stream: string, partition: string): Hash64 {
    return this.#hash.ofText(`p${stream}\0${partition}`);
  }

  ofTag(stream: string, partition: string, name: string, value: string): Hash64 {
    return this.#hash.ofText(`t${stream}\0${partition}\0${name}\0${value}`);
  }

  #add(hashes: number[], { prefix, tags }: Place, name: string, value: string): void {
    const known = tags.get(name);
    if (known?.value === value) {
      hashes.push(known.low, known.high);
      return;
    }
    const { low, high } = this.#hash.ofText(`${prefix}${name}\0${value}`);
    hashes.push(low, high);
    if (value.length > LONGEST_VALUE) return;
    if (known) {
      known.value = value;
      known.low = low;
      known.high = high;
    } else tags.set(name, { value, low, high });
  }

  #place(stream: string, partition: string): Place {
    let partitions = this.#places.get(stream);
    let place = partitions?.get(partition);
    if (place) return place;
    if (++this.#count > MOST_PLACES) {
      this.#places.clear();
      this.#count = 1;
      partitions = undefined;
    }
    if (!partitions) {
      partitions = new Map();
      this.#places.set(stream, partitions);
    }
    const { low, high } = this.ofPartition(stream, partition);
    place = { partition: { value: partition, low, high }, prefix: `t${stream}\0${partition}\0`, tags: new Map() };
    partitions.set(partition, place);
    return place;
  }
}
