/** Which regions, availability zones and edge locations there are: as configured, or else AWS's. */
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config.ts';
import { isEdgeLocationName } from '../config/regions.ts';
import { usualLetters } from '../services/ec2/network/zones.ts';
import type { NodePlace } from './edge/node-place.ts';
import { regions as awsRegions } from './sources.ts';

export interface Places {
  /** Regions that take calls. */
  readonly regions: ReadonlySet<string>;
  /** The rest of AWS's: there nobody's key is known, as at AWS in a region that is not enabled. */
  readonly regionsNotEnabled: ReadonlySet<string>;
  /** Region → letters of its zones, where they are configured. */
  readonly zoneLetters: ReadonlyMap<string, string>;
  /** Where the edge node of this machine is; undefined: everywhere. */
  readonly ownNode: NodePlace | undefined;
  /** What is wrong with a place, as a sentence. */
  problemOf(place: NodePlace): string | undefined;
}

/** Services without regions are called in it. */
const always = 'us-east-1';

/** @throws ConfigError for regions and zones that do not go together */
export function placesOf(config: Config): Places {
  const { regions: configured, edgeLocations, edge = {}, region: home = always } = config;
  const names = configured?.map(({ name }) => name) ?? [...awsRegions];
  requireDistinct('regions', names);
  for (const name of names) if (!awsRegions.has(name)) throw new ConfigError(`regions: AWS has no region ${name}.`);
  const regions = new Set(names);
  if (!regions.has(always)) {
    throw new ConfigError(`regions: name ${always}, too: services without regions are called there.`);
  }
  if (configured && !regions.has(home)) throw new ConfigError(`regions: name the home region ${home}, too.`);
  for (const part of ['instances', 'listeners'] as const) {
    for (const { region } of config[part] ?? []) {
      if (region !== undefined && configured && !regions.has(region)) {
        throw new ConfigError(`${part}: ${region} is not among the regions of the configuration.`);
      }
    }
  }
  const zoneLetters = new Map<string, string>();
  for (const { name, zones } of configured ?? []) {
    if (!zones) continue;
    if (zones.length === 0) throw new ConfigError(`regions: ${name} needs a zone.`);
    requireDistinct(`regions: ${name}`, zones);
    zoneLetters.set(name, [...zones].sort().join(''));
  }
  const problemOf = (place: NodePlace): string | undefined => {
    if ('edgeLocation' in place) {
      const { edgeLocation } = place;
      if (edgeLocations ? edgeLocations.includes(edgeLocation) : isEdgeLocationName(edgeLocation)) return undefined;
      const known = edgeLocations ? `there are ${edgeLocations.join(', ')}` : 'one is named like FRA or FRA50-C1';
      return `There is no edge location ${edgeLocation}: ${known}.`;
    }
    const region = place.zone.slice(0, -1);
    if (!regions.has(region)) {
      return `There is no availability zone ${place.zone}: name one of a region of this instance, such as ${home}a.`;
    }
    const letters = zoneLetters.get(region) ?? usualLetters(region);
    if (letters.includes(place.zone.slice(-1))) return undefined;
    const known = [...letters].map((letter) => `${region}${letter}`).join(', ');
    return `There is no availability zone ${place.zone}: ${region} has ${known}.`;
  };
  const ownNode = ownPlace(edge);
  const problem = ownNode && problemOf(ownNode);
  if (problem !== undefined) throw new ConfigError(`edge: ${problem}`);
  const regionsNotEnabled = new Set([...awsRegions].filter((name) => !regions.has(name)));
  return { regions, regionsNotEnabled, zoneLetters, ownNode, problemOf };
}

function ownPlace({ zone, edgeLocation }: NonNullable<Config['edge']>): NodePlace | undefined {
  if (zone !== undefined && edgeLocation !== undefined) {
    throw new ConfigError('edge: a node is in a zone or is an edge location: name one of the two.');
  }
  if (zone !== undefined) return { zone };
  return edgeLocation === undefined ? undefined : { edgeLocation };
}

function requireDistinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`${what}: ${twice} stands there twice.`);
}
