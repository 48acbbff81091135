/**
 * Whether an address belongs to the robot that it says to be: the name of the address lies in a domain of the robot's
 * owner, and leads back to the address. No request waits for that: until it is known the robot is unverified, and what was
 * known goes on to hold while it is asked again.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { contains, parseAddress, parseCidr } from '../../engines/text/address.ts';
import { domainsOfRobot, isOfRobot, isWithinDomain } from '../../engines/waf/managed/robots.ts';

/** What is asked of the domain name system; rejects where there is no answer. */
export interface NameLookups {
  reverse(address: string): Promise<readonly string[]>;
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
}

export interface RobotLimits {
  /** Addresses that are remembered: those that have shown who they are, and as many others. */
  readonly addresses: number;
  readonly atOnce: number;
}

const defaultRobotLimits: RobotLimits = { addresses: 10_000, atOnce: 16 };

const dayMs = 24 * 60 * 60 * 1000;
/** What was found holds so long; what was not, or could not be asked, less. */
const foundMs = dayMs;
const nothingMs = 60 * 60 * 1000;
const failedMs = 60 * 1000;
/** Names of one address that are tried. */
const mostNames = 4;

interface Known {
  /** Names that lead back to the address. */
  readonly names: readonly string[];
  readonly until: number;
}

export class Robots {
  readonly #lookups: NameLookups;
  readonly #now: () => number;
  readonly #limits: RobotLimits;
  /** Apart, so that a crowd of impostors, with names of their own or without, does not push out those that are real. */
  readonly #named = new Map<string, Known>();
  readonly #nameless = new Map<string, Known>();
  readonly #asking = new Set<string>();

  constructor(now: () => number, lookups: NameLookups = systemLookups(), limits: RobotLimits = defaultRobotLimits) {
    this.#lookups = lookups;
    this.#now = now;
    this.#limits = limits;
  }

  isVerified(robot: string, address: string): boolean {
    const domains = domainsOfRobot(robot);
    if (!domains || isPrivate(address)) return false;
    const known = this.#named.get(address) ?? this.#nameless.get(address);
    if (!known || known.until <= this.#now()) this.#ask(address);
    return known?.names.some((name) => isWithinDomain(name, domains)) ?? false;
  }

  #ask(address: string): void {
    if (this.#asking.has(address) || this.#asking.size >= this.#limits.atOnce) return;
    this.#asking.add(address);
    namesOf(this.#lookups, address)
      .then(
        (names) => this.#learn(address, names, names.length > 0 ? foundMs : nothingMs),
        // Who was known stays known while nobody answers.
        () => this.#learn(address, this.#named.get(address)?.names ?? [], failedMs),
      )
      .finally(() => this.#asking.delete(address));
  }

  #learn(address: string, names: readonly string[], ms: number): void {
    this.#named.delete(address);
    this.#nameless.delete(address);
    const kept = names.length > 0 ? this.#named : this.#nameless;
    kept.set(address, { names, until: this.#now() + ms });
    if (kept.size <= this.#limits.addresses) return;
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      return;
    }
  }
}

/** Rejects where the address's name, or all that it leads to, could not be asked for. */
async function namesOf(lookups: NameLookups, address: string): Promise<readonly string[]> {
  // Other names say nothing: nobody is asked about them.
  const names = (await lookups.reverse(address).catch(noneIfAbsent)).filter(isOfRobot);
  const own = parseAddress(address)?.join();
  const family = isIP(address) === 6 ? 6 : 4;
  const found = await Promise.all(
    names.slice(0, mostNames).map(async (name) => {
      const addresses = await lookups.addresses(name, family).catch(noneIfAbsent);
      return addresses.some((one) => parseAddress(one)?.join() === own) ? [name] : [];
    }),
  );
  return found.flat();
}

/** That there is no such name is an answer. */
function noneIfAbsent(error: NodeJS.ErrnoException): readonly string[] {
  if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return [];
  throw error;
}

/** Robots of others come from public addresses; nobody else is told of who asks here from within. */
const within = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/127',
  'fc00::/7',
  'fe80::/10',
].flatMap((cidr) => parseCidr(cidr) ?? []);

function isPrivate(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed === undefined || within.some((block) => contains(block, parsed));
}

function systemLookups(): NameLookups {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return {
    reverse: (address) => resolver.reverse(address),
    addresses: (name, family) => (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name)),
  };
}
