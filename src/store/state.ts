/** What an engine shows to changes: its committed rows with their versions. */
import type { Range, Row } from './store.ts';

/** A committed row, or (version 0) the fact that there is none. Immutable: a commit replaces it. */
export interface Found {
  readonly value: unknown;
  readonly version: number;
}

/** A listing as readers see it, and the version of each of its rows. */
export interface Scanned {
  readonly rows: readonly Row<unknown>[];
  readonly versions: readonly number[];
}

export interface State {
  /** The version of the newest committed write. */
  readonly newest: number;
  find(table: string, partition: string, id: string): Found;
  scan(table: string, partition: string, range: Range): Scanned;
  /** False only if nothing in the partition of the table was written after this version. */
  changedSince(table: string, partition: string, version: number): boolean;
}

export const ABSENT: Found = Object.freeze({ value: undefined, version: 0 });
