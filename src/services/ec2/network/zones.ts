/** Regions' availability zones: three each, six in us-east-1, as most of AWS's regions have. */

export interface Zone {
  /** `us-east-1a` */
  readonly name: string;
  /** `use1-az1` */
  readonly id: string;
}

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

export function zonesOf(region: string): readonly Zone[] {
  const [area = '', direction = '', number = ''] = region.split('-');
  const short = `${area}${directions[direction] ?? direction}${number}`;
  const letters = region === 'us-east-1' ? 'abcdef' : 'abc';
  return [...letters].map((letter, index) => ({ name: `${region}${letter}`, id: `${short}-az${index + 1}` }));
}
