/** Statements by the literal beginning of their resources: a compressed trie, walked along the ARN of the request. */
import { matches } from '../text/glob.ts';
import type { CompiledStatement, ResourceEntry } from './statement.ts';
import type { Context } from './types.ts';

interface Node {
  /** What the ARN must continue with to come here. */
  label: string;
  entries: ResourceEntry[];
  children: Map<number, Node>;
}

/** Calls back for every statement whose resource matches, until the callback answers true. */
export type Visit<T> = (statement: CompiledStatement, state: T) => boolean;

export class ResourceIndex {
  readonly #root: Node = { label: '', entries: [], children: new Map() };
  /** Below this many entries a list is faster than a walk. */
  readonly #flat: readonly ResourceEntry[] | undefined;
  readonly size: number;

  constructor(statements: readonly CompiledStatement[]) {
    const entries = statements.flatMap((statement) => statement.resourceEntries());
    this.size = entries.length;
    this.#flat = entries.length <= 4 ? entries : undefined;
    if (!this.#flat) for (const entry of entries) insert(this.#root, entry.pattern?.prefix ?? '', entry);
  }

  /** Returns whether a visit ended the walk. A statement may be visited once for each of its patterns that match. */
  visit<T>(arn: string, context: Context, visit: Visit<T>, state: T): boolean {
    if (this.size === 0) return false;
    if (this.#flat) return visitAll(this.#flat, arn, context, visit, state);
    let node = this.#root;
    let at = 0;
    for (;;) {
      if (node.entries.length > 0 && visitAll(node.entries, arn, context, visit, state)) return true;
      if (at >= arn.length) return false;
      const next = node.children.get(arn.charCodeAt(at));
      if (!next || !arn.startsWith(next.label, at)) return false;
      at += next.label.length;
      node = next;
    }
  }
}

function visitAll<T>(
  entries: readonly ResourceEntry[],
  arn: string,
  context: Context,
  visit: Visit<T>,
  state: T,
): boolean {
  for (let index = 0; index < entries.length; index++) {
    const { statement, pattern } = entries[index]!;
    if (pattern) {
      const wanted = pattern.glob(context);
      if (!wanted || !matches(wanted, arn)) continue;
    } else if (!statement.matchesResource(arn, context)) continue;
    if (visit(statement, state)) return true;
  }
  return false;
}

function insert(root: Node, prefix: string, entry: ResourceEntry): void {
  let node = root;
  let rest = prefix;
  while (rest !== '') {
    const code = rest.charCodeAt(0);
    const child = node.children.get(code);
    if (!child) {
      node.children.set(code, { label: rest, entries: [entry], children: new Map() });
      return;
    }
    const shared = sharedLength(child.label, rest);
    if (shared < child.label.length) {
      const middle: Node = { label: rest.slice(0, shared), entries: [], children: new Map() };
      child.label = child.label.slice(shared);
      middle.children.set(child.label.charCodeAt(0), child);
      node.children.set(code, middle);
      node = middle;
    } else node = child;
    rest = rest.slice(shared);
  }
  node.entries.push(entry);
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
