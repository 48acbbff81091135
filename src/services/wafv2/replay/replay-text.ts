/** A replay for people: how many requests, what changes for them, and which they are. */
import { printable } from '../printable.ts';
import { describedFacts } from './facts.ts';
import type { Replay } from './replay.ts';

export function replayText({ replayed, changes, differences, unfaithful, unknownFacts }: Replay): string {
  if (replayed === 0) {
    return 'No request to replay: edge nodes remember none of this web ACL. Give a log file, or wait for traffic.';
  }
  const lines = [`${replayed} requests replayed.`];
  for (const [change, count] of Object.entries(changes).sort(([, a], [, b]) => b - a)) {
    const [before, after] = change.split(' → ');
    lines.push(`${String(count).padStart(7)}  ${before === after ? `${before}, as before` : change}`);
  }
  if (differences.length > 0) lines.push('');
  for (const { requestId, request, before, after } of differences) {
    const target = printable(request, 120);
    lines.push(`${before.action} (${before.rule}) → ${after.action} (${after.rule})  ${target}  ${requestId}`);
  }
  if (unfaithful > 0) {
    lines.push(
      '',
      `With ${unfaithful} of them the web ACL as it is does something else than it did then: rates and puzzles start anew, and logs hold no bodies.`,
    );
  }
  if (unknownFacts.length > 0) {
    lines.push('', `Not known in a replay: ${unknownFacts.map((fact) => describedFacts[fact]).join('; ')}.`);
  }
  return lines.join('\n');
}
