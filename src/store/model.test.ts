/** Random histories: the durable engine answers like the memory engine, through reopenings, and with a cache of nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { openMemoryStore } from './memory.ts';
import { openStore } from './sqlite.ts';
import { type Change, ConflictError, type Entry, type EntryQuery, type Range, type Store, table } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'bailey-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

const tables = [table<number>('test.one'), table<number>('test.two')];
const ids = fc.constantFrom('', 'a', 'a/', 'a/b', 'a/c', 'b', 'é', '\ud7ff', '\uffff', '😀', '😀x');
const rowsOf = fc.record({ table: fc.constantFrom(...tables), partition: fc.constantFrom('p', 'q'), id: ids });
const range: fc.Arbitrary<Range> = fc.record(
  { prefix: ids, after: ids, from: ids, limit: fc.integer({ min: 0, max: 5 }), reverse: fc.boolean() },
  { requiredKeys: [] },
);
const entry: fc.Arbitrary<Omit<Entry, 'id'>> = fc.record({
  stream: fc.constantFrom('s', 't'),
  partition: fc.constantFrom('p', 'q'),
  time: fc.integer({ min: 0, max: 20 }),
  tags: fc.dictionary(fc.constantFrom('user', 'event'), fc.constantFrom('x', 'y')),
  body: fc.uint8Array({ maxLength: 20 }),
});
const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), at: rowsOf, value: fc.nat(9) }),
  fc.record({ do: fc.constant('delete' as const), at: rowsOf }),
  fc.record({ do: fc.constant('get' as const), at: rowsOf }),
  fc.record({ do: fc.constant('list' as const), at: rowsOf, range }),
  fc.record({ do: fc.constant('append' as const), entry }),
);
const query = fc.record({
  stream: fc.constantFrom('s', 't'),
  partition: fc.constantFrom('p', 'q'),
  from: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  to: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  tag: fc.option(fc.record({ name: fc.constantFrom('user', 'event'), value: fc.constantFrom('x', 'y') }), {
    nil: undefined,
  }),
  limit: fc.integer({ min: 1, max: 4 }),
  forward: fc.boolean(),
});
const event = fc.oneof(
  // Two changes that interleave, then commit one after the other: conflicts and all.
  fc.record({ do: fc.constant('commit' as const), first: fc.array(step), second: fc.array(step), woven: fc.boolean() }),
  fc.record({ do: fc.constant('query' as const), query }),
  fc.record({ do: fc.constant('expire' as const), stream: fc.constantFrom('s', 't'), before: fc.nat(20) }),
  fc.record({ do: fc.constant('reopen' as const) }),
  fc.record({ do: fc.constant('clear' as const) }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class History {
  #store: Store;
  readonly #reopen: (() => Promise<Store>) | undefined;
  #appended = 0;

  constructor(store: Store, reopen?: () => Promise<Store>) {
    this.#store = store;
    this.#reopen = reopen;
  }

  async #step(change: Change, step: Step): Promise<unknown> {
    switch (step.do) {
      case 'put':
        return change.put(step.at.table, step.at.partition, step.at.id, step.value);
      case 'delete':
        return change.delete(step.at.table, step.at.partition, step.at.id);
      case 'get':
        return (await change.get(step.at.table, step.at.partition, step.at.id)) ?? 'absent';
      case 'list':
        return change.list(step.at.table, step.at.partition, step.range);
      case 'append':
        return change.append({ ...step.entry, id: `e${++this.#appended}` });
    }
  }

  async #commit(change: Change): Promise<string> {
    return this.#store.commit(change).then(
      () => 'committed',
      (error) => {
        if (error instanceof ConflictError) return 'conflict';
        throw error;
      },
    );
  }

  async #pages(query: EntryQuery): Promise<unknown> {
    const found: unknown[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 100; pages++) {
      const page = await this.#store.query({ ...query, ...(cursor !== undefined && { cursor }) });
      found.push(page.entries.map(({ id, time, body }) => [id, time, [...body]]));
      if (page.cursor === undefined || page.entries.length === 0) break;
      cursor = page.cursor;
    }
    return found;
  }

  async run(event: Event): Promise<unknown> {
    switch (event.do) {
      case 'commit': {
        const changes = [this.#store.begin(), this.#store.begin()] as const;
        const seen: unknown[] = [];
        const turns = event.woven ? Math.max(event.first.length, event.second.length) : 0;
        for (let turn = 0; turn < turns; turn++) {
          for (const [which, steps] of [event.first, event.second].entries()) {
            const step = steps[turn];
            if (step) seen.push(await this.#step(changes[which]!, step));
          }
        }
        if (!event.woven) for (const one of event.first) seen.push(await this.#step(changes[0], one));
        const first = this.#commit(changes[0]);
        if (!event.woven) {
          await first;
          for (const one of event.second) seen.push(await this.#step(changes[1], one));
        }
        return [seen, await Promise.all([first, this.#commit(changes[1])])];
      }
      case 'query': {
        const { from, to, tag, ...rest } = event.query;
        const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
        return this.#pages({ ...rest, ...bounds, ...(tag && { tag }) });
      }
      case 'expire':
        return this.#store.expire(event.stream, event.before);
      case 'clear':
        return this.#store.clear();
      case 'reopen':
        if (this.#reopen) {
          await this.#store.close();
          this.#store = await this.#reopen();
        }
        return undefined;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

const patience = { timeout: 60_000 };
it.each([0, 1_000_000])(
  'the engines agree on random histories, with a cache of %i bytes',
  patience,
  async (cacheBytes) => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25, size: 'max' }), async (events) => {
        const dir = join(root, String(++count));
        const open = () =>
          openStore({ dir, clock: () => 5, cacheBytes, freezes: true, reserveBytes: 0, tailEntries: 3 });
        const model = new History(openMemoryStore());
        const tested = new History(await open(), open);
        try {
          for (const one of events) expect(await tested.run(one)).toEqual(await model.run(one));
        } finally {
          await tested.close();
          rmSync(dir, { recursive: true });
        }
      }),
      { numRuns: Number(process.env.MODEL_RUNS ?? 20) },
    );
  },
);
