/** Brings the invalidations of distributions to the cache, each once. */
import { type DistributionSettings, mostInvalidations } from '../snapshot.ts';
import type { AnswerCache } from './cache.ts';

/** What keys of a distribution begin with. */
export const keyPrefix = (id: string): string => `${id} `;

export class Invalidations {
  /** By id of the distribution: ids of what has been done. */
  #done = new Map<string, ReadonlySet<string>>();

  apply(distributions: readonly DistributionSettings[], cache: AnswerCache): void {
    const next = new Map<string, ReadonlySet<string>>();
    for (const { id, invalidations = [] } of distributions) {
      const done = this.#done.get(id);
      next.set(id, new Set(invalidations.map((one) => one.id)));
      // Whoever comes new has kept nothing yet.
      if (!done) continue;
      const fresh = invalidations.filter((one) => !done.has(one.id));
      const hasMissed = fresh.length >= mostInvalidations;
      const paths = hasMissed ? ['/*'] : fresh.flatMap((one) => one.paths);
      if (paths.length > 0) cache.invalidate(keyPrefix(id), matcher(paths));
    }
    // What comes back some day must not bring back what it had.
    for (const id of this.#done.keys()) if (!next.has(id)) cache.invalidate(keyPrefix(id), () => true);
    this.#done = next;
  }
}

/** Paths are compared as they are written, and as they are meant: `/a%20b` and `/a b`. */
export function matcher(paths: readonly string[]): (path: string) => boolean {
  const exact = new Set<string>();
  const starts: string[] = [];
  for (const given of paths) {
    // Whatever the query: all forms of the path go.
    const path = given.split('?', 1)[0] as string;
    for (const form of [path, decoded(path)]) {
      if (form.endsWith('*')) starts.push(form.slice(0, -1));
      else exact.add(form);
    }
  }
  return (path) => {
    const forms = [path, decoded(path)];
    return forms.some((form) => exact.has(form) || starts.some((start) => form.startsWith(start)));
  };
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
