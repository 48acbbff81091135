/** Reads the operator's lists of addresses: a network or an address on each line, and what follows `#` or `;` is a comment. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config.ts';
import type { AddressListFiles } from '../../config/edge.ts';
import type { AddressListTexts } from '../../edge/snapshot.ts';
import { parseCidr } from '../../engines/text/address.ts';

/** They travel to every node with each change of what it serves. */
const mostNetworks = 200_000;

/** @throws ConfigError for files that cannot be read, and for lines that are no network: a list with holes protects nobody */
export function readAddressLists(files: AddressListFiles): AddressListTexts {
  return Object.fromEntries(
    Object.entries(files).map(([kind, file]) => [kind, readList(`edge.addressLists.${kind}`, file)]),
  );
}

function readList(name: string, file: string): string {
  const networks: string[] = [];
  for (const [index, line] of contents(name, file).split('\n').entries()) {
    const network = line.replace(/[#;].*/, '').trim();
    if (network === '') continue;
    const cidr = network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`;
    if (parseCidr(cidr) === undefined) throw new ConfigError(`${name}: line ${index + 1} of ${file} is no network.`);
    networks.push(cidr);
    if (networks.length > mostNetworks) throw new ConfigError(`${name}: ${file} has over ${mostNetworks} networks.`);
  }
  return networks.join('\n');
}

function contents(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}`);
  }
}
