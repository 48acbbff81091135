/** Regions' availability zones: as configured, or else three each, six in us-east-1, as most of AWS's regions have. */
import { type Change, type Reader, table } from '../../../store/store.ts';

export interface Zone {
  /** `us-east-1a` */
  readonly name: string;
  /** `use1-az1` */
  readonly id: string;
}

/** Letters of a region's zones, where the operator has named them: partition '', id = the region. */
const zoneLetters = table<{ readonly letters: string }>('ec2.zone-letters');

const directions: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

export const usualLetters = (region: string): string => (region === 'us-east-1' ? 'abcdef' : 'abc');

/** From 0 to 15, as default subnets are a sixteenth of their VPC. A zone keeps its number whatever other zones there are. */
export const positionOf = (zone: string): number => zone.charCodeAt(zone.length - 1) - 'a'.charCodeAt(0);

export async function zonesOf(reader: Reader, region: string): Promise<readonly Zone[]> {
  const configured = await reader.get(zoneLetters, '', region);
  return zonesWith(region, configured?.letters);
}

export function zonesWith(region: string, letters = usualLetters(region)): readonly Zone[] {
  return [...letters].map((letter) => ({ name: `${region}${letter}`, id: zoneIdOf(`${region}${letter}`) }));
}

/** Also of a zone that is no longer configured, in which there still is something. */
export function zoneIdOf(zone: string): string {
  const [area = '', direction = '', number = ''] = zone.slice(0, -1).split('-');
  return `${area}${directions[direction] ?? direction}${number}-az${positionOf(zone) + 1}`;
}

/** Regions that are not named have their usual zones. */
export async function configureZones(change: Change, letters: ReadonlyMap<string, string>): Promise<boolean> {
  let isChanged = false;
  for (const { id, value } of await change.list(zoneLetters, '')) {
    if (letters.get(id) === value.letters) continue;
    change.delete(zoneLetters, '', id);
    isChanged = true;
  }
  for (const [region, given] of letters) {
    if ((await change.get(zoneLetters, '', region)) !== undefined) continue;
    change.put(zoneLetters, '', region, { letters: given });
    isChanged = true;
  }
  return isChanged;
}
