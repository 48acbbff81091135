/** What the runner knows of a client: its script, or why there is none to run. */
import type { Bench } from './bench.ts';

export interface Client {
  /** With its version: `aws CLI 1.45.11`. */
  readonly name: string;
  /** What to install, where the client is not there. */
  readonly missing?: string;
  readonly run?: (bench: Bench) => Promise<void>;
}
