/** Those who hear of commits; a listener that throws disturbs neither the commit nor the others. */
import type { ChangedRow } from './store.ts';

export class Listeners {
  readonly #listeners = new Set<(changed: readonly ChangedRow[]) => void>();

  add(listener: (changed: readonly ChangedRow[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(changed: readonly ChangedRow[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changed);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), 'StoreListenerWarning');
      }
    }
  }
}
