/**
 * Whose a name is. At AWS a registry says so; here nobody delegates names to accounts, so a name belongs to the account that
 * first had a zone of it, or of a name above it.
 */
import { accounts } from '../../services/account/state.ts';
import { accountOfHeld, heldSince, nameOfHeld } from '../../services/route53/held-names.ts';
import { isReserved } from '../../services/route53/names.ts';
import { heldNames, type ZoneRow, zones } from '../../services/route53/state.ts';
import type { Reader, Store } from '../../store/store.ts';

interface Claim {
  readonly account: string;
  readonly since: number;
  /** Tells claims of one moment apart, for everybody alike. */
  readonly id: string;
}

/** Zones that the public may ask, and who owns names by them. */
export interface PublicNames {
  /** The oldest first. */
  readonly zones: readonly ZoneRow[];
  /** @param name lower case, with its final dot; undefined where no zone has ever contained it */
  ownerOf(name: string): string | undefined;
}

export async function publicNames(reader: Reader): Promise<PublicNames> {
  const all: ZoneRow[] = [];
  for (const { id } of await reader.list(accounts, '')) {
    for (const { value } of await reader.list(zones, id)) {
      // What is private is for hosts of its VPCs; what is reserved was made before such names were refused.
      if (!value.isPrivate && !isReserved(value.name)) all.push(value);
    }
  }
  const first = new Map<string, Claim>();
  const claim = (name: string, made: Claim): void => {
    const known = first.get(name);
    if (!known || isOlder(made, known)) first.set(name, made);
  };
  for (const zone of all) claim(zone.name, claimOf(zone));
  for (const { id, value } of await reader.list(heldNames, '')) {
    claim(nameOfHeld(id), { account: accountOfHeld(id), since: value.since, id: '' });
  }
  return {
    zones: all.toSorted((a, b) => (isOlder(claimOf(a), claimOf(b)) ? -1 : 1)),
    ownerOf(name) {
      const claims = [name, ...namesAbove(name)].flatMap((one) => first.get(one) ?? []);
      return claims.reduce<Claim | undefined>((a, b) => (a && !isOlder(b, a) ? a : b), undefined)?.account;
    },
  };
}

const madeOf: ReadonlySet<string> = new Set([accounts.name, zones.name, heldNames.name]);

/** Those of the last commit, read once: proofs of many certificates ask for them every few seconds. */
export class RememberedNames {
  readonly #store: Pick<Store, 'get' | 'list' | 'onCommit'>;
  #known: Promise<PublicNames> | undefined;

  constructor(store: Pick<Store, 'get' | 'list' | 'onCommit'>) {
    this.#store = store;
    store.onCommit((changed) => {
      if (changed.some(({ table }) => madeOf.has(table))) this.forget();
    });
  }

  read(): Promise<PublicNames> {
    if (this.#known) return this.#known;
    const reading = publicNames(this.#store);
    this.#known = reading;
    reading.catch(() => {
      if (this.#known === reading) this.#known = undefined;
    });
    return reading;
  }

  /** Also after the store was cleared. */
  forget(): void {
    this.#known = undefined;
  }
}

/** The names that contain it, the closest first. */
export function namesAbove(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join('.'));
}

const claimOf = (zone: ZoneRow): Claim => ({ account: zone.account, since: heldSince(zone), id: zone.id });
const isOlder = (a: Claim, b: Claim): boolean => a.since < b.since || (a.since === b.since && a.id < b.id);
