/** What the operator reads of answers with status 500: each defect with its trace, deliberate ones (a sealed vault) now and then. */
import { AwsError } from '../services/service.ts';

/** Of deliberate answers, one line of a kind in this time. */
const pauseMs = 60_000;

/** @param now milliseconds of any clock that goes forward */
export function failureLog(now: () => number, print: (...words: unknown[]) => void) {
  const told = new Map<string, { at: number; more: number }>();
  return (requestId: string, error: unknown): void => {
    if (!(error instanceof AwsError)) {
      print(`bailey: internal error, request ${requestId}:`, error);
      return;
    }
    const kind = `${error.code}: ${error.message}`;
    const before = told.get(kind);
    if (before && now() < before.at + pauseMs) {
      before.more += 1;
      return;
    }
    const more = before && before.more > 0 ? `, and ${before.more} others since the last of these lines` : '';
    // Messages may name what callers chose.
    if (told.size >= 100) told.clear();
    told.set(kind, { at: now(), more: 0 });
    print(`bailey: request ${requestId} was answered ${kind}${more}`);
  };
}
