/** Which VPC endpoint leads from a place in a VPC to a service: what the gateway asks of every call that came from one. */
import type { Reader } from '../../store/store.ts';
import type { ComingBy, VpcPlace } from '../service.ts';
import { readAll } from './network/rows.ts';
import { routeTables, type VpcEndpointRow, vpcEndpoints, vpcs } from './network/state.ts';

/** Services whose endpoints go by another name than their actions. */
const endpointNames: Readonly<Record<string, string>> = { cloudwatch: 'monitoring' };

/** The service's own name resolves to interface endpoints with private DNS; else a gateway's route leads there. */
export async function wayTo(reader: Reader, place: VpcPlace, service: string): Promise<ComingBy | undefined> {
  const vpc = place.vpc === 'default' ? await defaultVpc(reader, place) : place.vpc;
  const name = `com.amazonaws.${place.region}.${endpointNames[service] ?? service}`;
  const rows = (await readAll(reader, vpcEndpoints, place)).filter((row) => row.vpc === vpc && row.service === name);
  const found = rows.find((row) => row.privateDns) ?? (await byRoute(reader, place, rows));
  if (!found) return undefined;
  return { id: found.id, account: place.account, region: place.region, vpc: found.vpc, policy: found.policy };
}

async function defaultVpc(reader: Reader, place: VpcPlace): Promise<string | undefined> {
  return (await readAll(reader, vpcs, place)).find(({ isDefault }) => isDefault)?.id;
}

/** Of gateways, that in the route table of the place's subnet, or in the main one. */
async function byRoute(
  reader: Reader,
  place: VpcPlace,
  rows: readonly VpcEndpointRow[],
): Promise<VpcEndpointRow | undefined> {
  const gateways = rows.filter(({ type }) => type === 'Gateway');
  const [first] = gateways;
  if (!first) return undefined;
  const tables = (await readAll(reader, routeTables, place)).filter(({ vpc }) => vpc === first.vpc);
  const { subnet } = place;
  const own = tables.find(({ associations }) =>
    associations.some((one) => subnet !== undefined && one.subnet === subnet),
  );
  const table = own ?? tables.find(({ associations }) => associations.some(({ isMain }) => isMain));
  return table && gateways.find((row) => row.routeTables.includes(table.id));
}
