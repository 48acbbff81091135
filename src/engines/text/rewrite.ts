/**
 * Rewrites texts of ASCII by regular expressions with groups, in time linear in the text whatever the expression: the
 * ways to match that others would try one after the other are followed at once (Pike's machine). Whoever comes first in
 * the expression goes first, as in Perl.
 */
import { type Node, parseExpression, RewriteFault } from './rewrite-syntax.ts';

export { RewriteFault };

type Instruction =
  | { readonly op: 'take'; readonly set: Uint8Array }
  /** Both ways, the first before the second. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly what: 'start' | 'end' | 'word' | 'no word' }
  | { readonly op: 'match' };

/** Texts take as many steps for each character, at the most. */
const mostInstructions = 500;

/** Begin and end of the match, and of each group in turn; -1 where a group has no part in it. */
type Slots = readonly number[];

/**
 * Replaces the first match: `$1` to `$99` and `$<name>` stand for groups, `$&` for the match, `$$` for a dollar sign.
 * @throws RewriteFault for what is no expression, looks around or back, or is too large
 */
export function compileRewrite(expression: string, replacement: string): (text: string) => string {
  const { tree, groups, names } = parseExpression(expression);
  const program = new Assembly().whole(tree);
  const fill = filling(replacement, groups, names);
  return (text) => {
    const slots = new Search(program, text).run((groups + 1) * 2);
    if (!slots) return text;
    return text.slice(0, slots[0]) + fill(text, slots) + text.slice(slots[1]);
  };
}

class Assembly {
  readonly #program: Instruction[] = [];

  whole(tree: Node): readonly Instruction[] {
    this.#put({ op: 'save', slot: 0 });
    this.#add(tree);
    this.#put({ op: 'save', slot: 1 });
    this.#put({ op: 'match' });
    return this.#program;
  }

  #put<T extends Instruction>(instruction: T): T {
    if (this.#program.length >= mostInstructions) throw new RewriteFault('the expression is too large');
    this.#program.push(instruction);
    return instruction;
  }

  #add(node: Node): void {
    switch (node.kind) {
      case 'set':
        this.#put({ op: 'take', set: node.set });
        return;
      case 'assert':
        this.#put({ op: 'assert', what: node.what });
        return;
      case 'sequence':
        for (const part of node.parts) this.#add(part);
        return;
      case 'group':
        this.#put({ op: 'save', slot: node.index * 2 });
        this.#add(node.of);
        this.#put({ op: 'save', slot: node.index * 2 + 1 });
        return;
      case 'choice':
        this.#choice(node.options);
        return;
      case 'repeat':
        this.#repeat(node);
    }
  }

  #choice(options: readonly Node[]): void {
    const jumps: { op: 'jump'; to: number }[] = [];
    for (const [index, option] of options.entries()) {
      const isLast = index === options.length - 1;
      const split = isLast ? undefined : this.#split(false);
      this.#add(option);
      if (!isLast) jumps.push(this.#put({ op: 'jump', to: 0 }));
      split?.(this.#program.length);
    }
    for (const jump of jumps) jump.to = this.#program.length;
  }

  #repeat({ of, least, most, isLazy }: Extract<Node, { kind: 'repeat' }>): void {
    for (let time = 0; time < least; time++) this.#add(of);
    if (most === Number.POSITIVE_INFINITY) {
      const from = this.#program.length;
      const leave = this.#split(isLazy);
      this.#add(of);
      this.#put({ op: 'jump', to: from });
      leave(this.#program.length);
      return;
    }
    const leaving: ((to: number) => void)[] = [];
    for (let time = least; time < most; time++) {
      leaving.push(this.#split(isLazy));
      this.#add(of);
    }
    for (const leave of leaving) leave(this.#program.length);
  }

  /** On to what comes next, or elsewhere. @param isLast whether what comes next is the second choice @returns says where */
  #split(isLast: boolean): (elsewhere: number) => void {
    const next = this.#program.length + 1;
    const split = this.#put<Extract<Instruction, { op: 'split' }>>({ op: 'split', first: next, second: next });
    return (elsewhere) => {
      if (isLast) split.first = elsewhere;
      else split.second = elsewhere;
    };
  }
}

/** One search: of all that may still match, in the order in which it is preferred. */
class Search {
  readonly #program: readonly Instruction[];
  readonly #text: string;
  /** At which position each instruction was reached last. */
  readonly #seen: Int32Array;
  /** Instructions that wait for a character, or have matched, with their slots. */
  #ready: number[] = [];
  #slots: Slots[] = [];
  #position = 0;

  constructor(program: readonly Instruction[], text: string) {
    this.#program = program;
    this.#text = text;
    this.#seen = new Int32Array(program.length).fill(-1);
  }

  run(size: number): Slots | undefined {
    const text = this.#text;
    const nothing: Slots = new Array<number>(size).fill(-1);
    let found: Slots | undefined;
    for (this.#position = 0; this.#position <= text.length; this.#position++) {
      // Matches that begin later are worse than any that has begun.
      if (!found) this.#follow(0, nothing);
      else if (this.#ready.length === 0) break;
      found = this.#step(this.#position < text.length ? text.charCodeAt(this.#position) : -1) ?? found;
    }
    return found;
  }

  /** Takes one character. @returns the slots of the best match that ends before it */
  #step(code: number): Slots | undefined {
    const [ready, slots] = [this.#ready, this.#slots];
    this.#ready = [];
    this.#slots = [];
    this.#position += 1;
    let found: Slots | undefined;
    for (let index = 0; index < ready.length; index++) {
      const at = ready[index] as number;
      const instruction = this.#program[at] as Instruction;
      if (instruction.op === 'match') {
        found = slots[index];
        // Who comes after this one is worse.
        break;
      }
      if (instruction.op === 'take' && instruction.set[code] === 1) this.#follow(at + 1, slots[index] as Slots);
    }
    this.#position -= 1;
    return found;
  }

  /** Follows what takes no character; each instruction once for a position, since whoever came first goes first. */
  #follow(from: number, slots: Slots): void {
    for (let at = from; this.#seen[at] !== this.#position; ) {
      this.#seen[at] = this.#position;
      const instruction = this.#program[at] as Instruction;
      switch (instruction.op) {
        case 'jump':
          at = instruction.to;
          continue;
        case 'split':
          this.#follow(instruction.first, slots);
          at = instruction.second;
          continue;
        case 'save':
          this.#follow(at + 1, slots.with(instruction.slot, this.#position));
          return;
        case 'assert':
          if (!holds(instruction.what, this.#text, this.#position)) return;
          at += 1;
          continue;
        default:
          this.#ready.push(at);
          this.#slots.push(slots);
          return;
      }
    }
  }
}

function holds(what: Extract<Instruction, { op: 'assert' }>['what'], text: string, position: number): boolean {
  if (what === 'start') return position === 0;
  if (what === 'end') return position === text.length;
  const isWord = (at: number): boolean => /^\w$/.test(text.charAt(at));
  return (isWord(position - 1) !== isWord(position)) === (what === 'word');
}

/** What stands for a match. @param names of groups, with their numbers */
function filling(
  replacement: string,
  groups: number,
  names: ReadonlyMap<string, number>,
): (text: string, slots: Slots) => string {
  const parts: (string | number)[] = [];
  const pattern = /\$(?:(\$|&)|(\d{1,2})|<([^>]*)>)/g;
  let end = 0;
  for (const [whole, sign, digits, name] of replacement.matchAll(pattern)) {
    const at = replacement.indexOf(whole, end);
    parts.push(replacement.slice(end, at));
    end = at + whole.length;
    const number = name === undefined ? numbered(digits ?? '', groups) : names.get(name);
    if (sign !== undefined) parts.push(sign === '$' ? '$' : 0);
    else if (number === undefined) parts.push(whole);
    else {
      parts.push(number);
      // `$12` is the first group and a 2 where there is no twelfth.
      if (digits !== undefined) end = at + 1 + String(number).length + (digits.startsWith('0') ? 1 : 0);
    }
  }
  parts.push(replacement.slice(end));
  return (text, slots) =>
    parts.map((part) => (typeof part === 'string' ? part : text.slice(slots[part * 2], slots[part * 2 + 1]))).join('');
}

function numbered(digits: string, groups: number): number | undefined {
  const [both, first] = [Number(digits), Number(digits[0])];
  if (both >= 1 && both <= groups) return both;
  return first >= 1 && first <= groups ? first : undefined;
}
