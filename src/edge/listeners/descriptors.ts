/** How many connections the system lets this process hold, whatever its configuration hopes for. */
import { readFileSync } from 'node:fs';

/** For everything that is no client: targets, files, the control plane. */
const reserved = 64;
/** Of those left, for clients: a request needs one for its target too, now and then one for its body. */
const share = 0.7;
/** For flows of UDP, which need one each: listeners for them are few. */
const flowShare = 0.15;

/** At most `wanted`; fewer where the limit of open files says so. */
export const connectionsWithin = (wanted: number): number => within(wanted, share);
export const flowsWithin = (wanted: number): number => within(wanted, flowShare);

function within(wanted: number, share: number): number {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (found === undefined) return wanted;
    return Math.min(wanted, Math.max(16, Math.floor((Number(found) - reserved) * share)));
  } catch {
    return wanted;
  }
}
