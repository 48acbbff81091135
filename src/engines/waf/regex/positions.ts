/**
 * From a tree to the positions of its bytes and which may follow which (Glushkov's construction). Edges carry what must
 * hold at the boundary they cross.
 */
import { RegexFault } from './fault.ts';
import { type ByteSet, type Tree, unlimited } from './tree.ts';

const mostPositions = 4_000;
const mostEdges = 100_000;
/** What is looked at while a pattern is taken apart: counts within counts multiply. */
const mostWork = 600_000;

/** A position and the boundaries that must hold beside it. */
interface Border {
  readonly position: number;
  readonly mask: number;
}

interface Edge {
  readonly from: number;
  readonly mask: number;
  readonly to: number;
}

/** A part of the expression: its first and last positions, and under which boundaries it is empty. */
interface Part {
  readonly empty: readonly number[];
  readonly first: readonly Border[];
  readonly last: readonly Border[];
}

export interface Positions extends Part {
  readonly sets: readonly ByteSet[];
  readonly edges: readonly Edge[];
}

export function positionsOf(tree: Tree): Positions {
  const builder = new Builder();
  const part = builder.part(tree);
  return { ...part, sets: builder.sets, edges: builder.edges };
}

class Builder {
  readonly sets: ByteSet[] = [];
  readonly edges: Edge[] = [];
  readonly #known = new Set<number>();
  #work = 0;

  part(tree: Tree): Part {
    this.#spend(1);
    switch (tree.kind) {
      case 'empty':
        return { empty: [0], first: [], last: [] };
      case 'boundary':
        return { empty: [tree.what], first: [], last: [] };
      case 'bytes': {
        if (this.sets.length >= mostPositions)
          throw new RegexFault('too many positions once its counts are written out');
        const border = [{ position: this.sets.push(tree.set) - 1, mask: 0 }];
        return { empty: [], first: border, last: border };
      }
      case 'sequence':
        return tree.parts.map((part) => this.part(part)).reduce((left, right) => this.#sequence(left, right));
      case 'choice': {
        const options = tree.options.map((option) => this.part(option));
        this.#spend(options.reduce((sum, { first, last }) => sum + first.length + last.length, 0));
        return {
          empty: distinct(options.flatMap((option) => option.empty)),
          first: options.flatMap((option) => option.first),
          last: options.flatMap((option) => option.last),
        };
      }
      case 'repeat':
        return this.#repeat(tree.of, tree.least, tree.most);
    }
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > mostWork) throw new RegexFault('too many positions once its counts are written out');
  }

  #repeat(of: Tree, least: number, most: number): Part {
    if (most === unlimited) {
      let before: Part | undefined;
      for (let copy = 1; copy < least; copy++) {
        const next = this.part(of);
        before = before ? this.#sequence(before, next) : next;
      }
      const loop = this.#loop(this.part(of), least === 0);
      return before ? this.#sequence(before, loop) : loop;
    }
    const copies = Array.from({ length: most }, () => this.part(of));
    // x{1,3} is x(x(x)?)?: each copy leads to the next and out, so that edges stay few.
    let tail: Part | undefined;
    for (let copy = most - 1; copy >= least; copy--) {
      tail = optional(tail ? this.#sequence(copies[copy]!, tail) : copies[copy]!);
    }
    for (let copy = least - 1; copy >= 0; copy--) tail = tail ? this.#sequence(copies[copy]!, tail) : copies[copy]!;
    return tail!;
  }

  #loop(part: Part, isOptional: boolean): Part {
    this.#connect(part.last, part.first);
    return isOptional ? optional(part) : part;
  }

  #sequence(left: Part, right: Part): Part {
    this.#connect(left.last, right.first);
    if (left.empty.length > 0) this.#spend(left.first.length + right.first.length * left.empty.length);
    if (right.empty.length > 0) this.#spend(right.last.length + left.last.length * right.empty.length);
    return {
      empty: distinct(left.empty.flatMap((mask) => right.empty.map((other) => mask | other))),
      first: left.empty.length === 0 ? left.first : left.first.concat(under(left.empty, right.first)),
      last: right.empty.length === 0 ? right.last : right.last.concat(under(right.empty, left.last)),
    };
  }

  #connect(lasts: readonly Border[], firsts: readonly Border[]): void {
    this.#spend(lasts.length * firsts.length);
    for (const last of lasts) {
      for (const first of firsts) {
        const mask = last.mask | first.mask;
        const key = (last.position * mostPositions + first.position) * 128 + mask;
        if (this.#known.has(key)) continue;
        if (this.edges.length >= mostEdges) throw new RegexFault('too many ways through it');
        this.#known.add(key);
        this.edges.push({ from: last.position, mask, to: first.position });
      }
    }
  }
}

const optional = (part: Part): Part => ({ ...part, empty: distinct([0, ...part.empty]) });

/** Without a condition is enough: what is empty under none needs no other mask. */
function distinct(masks: readonly number[]): readonly number[] {
  return masks.includes(0) ? [0] : [...new Set(masks)];
}

function under(masks: readonly number[], borders: readonly Border[]): Border[] {
  return borders.flatMap((border) => masks.map((mask) => ({ position: border.position, mask: border.mask | mask })));
}
