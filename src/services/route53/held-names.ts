/**
 * Since when an account has had a name. Nobody delegates names here, so who had one first has it; and whoever deletes a
 * zone to make it anew must find the name their own still, whatever others have made meanwhile or before.
 */
import type { Change, Store } from '../../store/store.ts';
import type { Job } from '../service.ts';
import { type HeldNameRow, heldNames, type ZoneRow, zones } from './state.ts';

/** As registries keep a domain for its last holder: ICANN's Redemption Grace Period is 30 days. */
const heldMs = 30 * 86_400_000;
/** Names of one account, as many as it may have zones; the longest left go first. */
const mostHeld = 500;
const hourSeconds = 3_600;

export const heldSince = ({ heldSince: since, createdAt }: Pick<ZoneRow, 'heldSince' | 'createdAt'>): number =>
  since ?? createdAt;

const heldId = (account: string, name: string): string => `${account} ${name}`;
export const accountOfHeld = (id: string): string => id.slice(0, id.indexOf(' '));
export const nameOfHeld = (id: string): string => id.slice(id.indexOf(' ') + 1);

/** The zone as it is put: it takes up a name that its account has left lately. */
export async function takeUp(change: Change, zone: ZoneRow): Promise<ZoneRow> {
  if (zone.isPrivate) return zone;
  const held = await change.get(heldNames, '', heldId(zone.account, zone.name));
  if (!held) return zone;
  change.delete(heldNames, '', heldId(zone.account, zone.name));
  return { ...zone, heldSince: held.since };
}

/** With the zone: its name goes over to another zone of the account, or stays held for a while. */
export async function leave(change: Change, zone: ZoneRow, now: number): Promise<void> {
  if (zone.isPrivate) return;
  const since = heldSince(zone);
  const same = (await change.list(zones, zone.account))
    .map(({ value }) => value)
    .filter(({ id, name, isPrivate }) => id !== zone.id && name === zone.name && !isPrivate);
  const [heir] = same.toSorted((a, b) => heldSince(a) - heldSince(b));
  if (heir) {
    change.put(zones, heir.account, heir.id, { ...heir, heldSince: Math.min(since, heldSince(heir)) });
    return;
  }
  const held = await change.list(heldNames, '', { prefix: heldId(zone.account, '') });
  if (held.length >= mostHeld) {
    const [longest] = held.toSorted((a, b) => a.value.leftAt - b.value.leftAt);
    if (longest) change.delete(heldNames, '', longest.id);
  }
  const row: HeldNameRow = { since, leftAt: now };
  change.put(heldNames, '', heldId(zone.account, zone.name), row);
}

/** Lets go of names whose time is over. */
export function heldNamesJob(store: Pick<Store, 'begin' | 'commit'>): Job {
  return {
    name: 'route53 held names',
    everySeconds: hourSeconds,
    async run({ now }) {
      const change = store.begin();
      const over = (await change.list(heldNames, '')).filter(({ value }) => value.leftAt + heldMs <= now);
      if (over.length === 0) return;
      for (const { id } of over) change.delete(heldNames, '', id);
      await store.commit(change);
    },
  };
}
