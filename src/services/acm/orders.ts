/**
 * Certificates of the public authority: one order for each certificate that waits for one, a few open at a time, and
 * never two for the same name. Every step is kept before the next, so that a restart goes on where it was.
 */
import { type Change, ConflictError, type Row } from '../../store/store.ts';
import type { Job } from '../service.ts';
import { type OrderWork, takeStep } from './order-steps.ts';
import type { AcmPorts } from './ports.ts';
import { bareName } from './proofs.ts';
import { type CertificateRow, namedBy, type OrderRow, orders, pathOf } from './state.ts';

const roundSeconds = 2;
const mostOpen = 4;
/** Of one account in an hour: public authorities count all orders of the instance together, and one must not use them up. */
const mostOpened = 20;
const hourMs = 3_600_000;
/** Of one order in one round: more than it takes where nobody waits for anything. */
const mostSteps = 8;

/** @returns false where there is one already */
export async function wantOrder(change: Change, row: CertificateRow, now: number): Promise<boolean> {
  const path = pathOf(row);
  if (await change.get(orders, '', path)) return false;
  change.put(orders, '', path, { names: row.names, nextAt: now, failures: 0 });
  return true;
}

export function orderJob(ports: AcmPorts): Job {
  /** The authority wants to be left alone until then, whoever asks. */
  let quietUntil = 0;
  /** By account, when its orders were opened. */
  const opened = new Map<string, readonly number[]>();
  return {
    name: 'acm public authority',
    everySeconds: roundSeconds,
    async run({ now, random }) {
      const authority = ports.publicAuthority;
      if (!authority) return;
      const failures: string[] = [];
      const work: OrderWork = {
        ports,
        authority,
        now,
        fraction: () => new DataView(random.bytes(4).slice().buffer).getUint32(0) / 2 ** 32,
        leaveAlone: (milliseconds) => {
          quietUntil = Math.max(quietUntil, now + milliseconds);
        },
        opens: (account) => {
          const lately = (opened.get(account) ?? []).filter((at) => at > now - hourMs);
          opened.set(account, [...lately, now]);
        },
        tell: (what) => void failures.push(what),
      };
      const rows = await ports.store.list(orders, '');
      const mayOpen = (account: string): boolean =>
        (opened.get(account) ?? []).filter((at) => at > now - hourMs).length < mostOpened;
      const waiting = rows.filter(({ id, value }) => value.open || mayOpen(namedBy(id).account));
      const chosen = choose(waiting, now, now < quietUntil ? 0 : mostOpen);
      await Promise.all(chosen.map(({ id }) => go(work, id).catch((error) => void failures.push(String(error)))));
      if (failures.length > 0) throw new Error(failures.join('; '));
    },
  };
}

/** What is open goes on; of what waits, the longest waiting is opened. @param most that may be open then */
function choose(rows: readonly Row<OrderRow>[], now: number, most: number): readonly Row<OrderRow>[] {
  const open = rows.filter(({ value }) => value.open);
  const busy = new Set(open.flatMap(({ value }) => value.names.map(bareName)));
  const waiting = rows.filter(({ value }) => !value.open && value.nextAt <= now);
  const chosen = open.filter(({ value }) => value.nextAt <= now);
  let left = most - open.length;
  for (const row of waiting.toSorted((a, b) => a.value.nextAt - b.value.nextAt)) {
    const names = row.value.names.map(bareName);
    if (left <= 0) break;
    if (names.some((name) => busy.has(name))) continue;
    for (const name of names) busy.add(name);
    chosen.push(row);
    left -= 1;
  }
  return chosen;
}

/** As far as it goes without waiting. */
async function go(work: OrderWork, path: string): Promise<void> {
  for (let left = mostSteps; left > 0; left -= 1) {
    const order = await work.ports.store.get(orders, '', path);
    if (!order || order.nextAt > work.now) return;
    try {
      await takeStep(work, path, order);
    } catch (error) {
      // Somebody has changed the certificate meanwhile: the next round sees how.
      if (error instanceof ConflictError) return;
      throw error;
    }
  }
}
