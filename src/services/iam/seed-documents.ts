/** Policy documents that a configuration brings: held against the same grammar as the API's. */
import { parsePolicy } from '../../engines/policy/index.ts';
import type { Reader } from '../../store/store.ts';

/** The configuration asks for what cannot be. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

/** ARN of each user and role that a trust policy names → its unique id. */
export type TrustResolver = (reader: Reader, document: string) => Promise<Readonly<Record<string, string>>>;

/** @throws SeedError with the parser's own words */
export function checkSeedDocument(what: string, document: string, kind: 'identity' | 'trust'): void {
  try {
    parsePolicy(document, kind);
  } catch (error) {
    throw new SeedError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
