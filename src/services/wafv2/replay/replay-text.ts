/** A replay for people: how many requests, what changes for them, and which they are. */
import type { Replay } from './replay.ts';

export function replayText({ replayed, changes, differences, unfaithful }: Replay): string {
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
    const target = request.length > 120 ? `${request.slice(0, 120)}…` : request;
    lines.push(
      `${before.action} (${before.rule}) → ${after.action} (${after.rule})  ${printable(target)}  ${requestId}`,
    );
  }
  if (unfaithful > 0) {
    lines.push(
      '',
      `With ${unfaithful} of them the web ACL as it is does something else than it did then: rates and puzzles start anew, and logs hold no bodies.`,
    );
  }
  return lines.join('\n');
}

/** What strangers sent goes to a terminal: no control characters. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa1-\xff…]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
