/** CreateHostedZone, GetHostedZone, DeleteHostedZone, UpdateHostedZoneComment. */
import type {
  CreateHostedZoneRequest,
  CreateHostedZoneResponse,
  DeleteHostedZoneRequest,
  DeleteHostedZoneResponse,
  GetHostedZoneRequest,
  GetHostedZoneResponse,
  HostedZone,
  UpdateHostedZoneCommentRequest,
  UpdateHostedZoneCommentResponse,
} from '@aws-sdk/client-route-53';
import { AwsError, type Call, operation } from '../../service.ts';
import { idPart, newChange } from '../changes.ts';
import { on, onAll } from '../checks.ts';
import { conflictingDomain, noZone, reservedName, zoneExists } from '../errors.ts';
import { leave, takeUp } from '../held-names.ts';
import { bareId, fullName, isReserved } from '../names.ts';
import type { Route53Ports } from '../ports.ts';
import { recordId, records, tags, type ZoneRow, zones } from '../state.ts';

/** Route 53 quotas, "Hosted zones". */
const MOST_ZONES = 500;

export async function findZone(call: Pick<Call, 'change' | 'scope'>, id: string): Promise<ZoneRow> {
  const row = await call.change.get(zones, call.scope.account, bareId(id));
  if (!row) throw noZone(bareId(id));
  return row;
}

export async function shownZone(call: Pick<Call, 'change'>, row: ZoneRow): Promise<HostedZone> {
  return {
    Id: `/hostedzone/${row.id}`,
    Name: row.name,
    CallerReference: row.callerReference,
    Config: { PrivateZone: row.isPrivate, ...(row.comment !== undefined && { Comment: row.comment }) },
    ResourceRecordSetCount: (await call.change.list(records, row.id)).length,
  };
}

const delegation = ({ nameServers, isPrivate }: ZoneRow) =>
  isPrivate ? {} : { DelegationSet: { NameServers: [...nameServers] } };

export const CreateHostedZone = operation<CreateHostedZoneRequest, CreateHostedZoneResponse, Route53Ports>({
  checks: (input, call) =>
    onAll(
      call,
      input.VPC?.VPCId === undefined
        ? {}
        : { 'route53:VPCs': [`VPCId=${input.VPC.VPCId},VPCRegion=${input.VPC.VPCRegion}`] },
    ),
  async handle(input, call, ports) {
    const { change, scope, now } = call;
    const name = fullName(input.Name);
    // Route 53 API reference, CreateHostedZone: "You can't create a hosted zone for a top-level domain".
    if (!input.VPC && (isReserved(name) || ports.isOwnName(name.slice(0, -1)))) throw reservedName(name.slice(0, -1));
    const all = (await change.list(zones, scope.account)).map(({ value }) => value);
    if (all.some((one) => one.callerReference === input.CallerReference)) throw zoneExists(input.CallerReference);
    if (all.length >= MOST_ZONES)
      throw new AwsError('TooManyHostedZones', 'This request would exceed the number of hosted zones.');
    if (input.DelegationSetId !== undefined)
      throw new AwsError('NoSuchDelegationSet', `No delegation set with ID: ${input.DelegationSetId}`);
    const { VPC: vpc } = input;
    if (vpc && !(await ports.vpcExists(change, scope.account, vpc.VPCRegion ?? '', vpc.VPCId ?? ''))) {
      throw new AwsError('InvalidVPCId', `The VPC: ${vpc.VPCId} does not exist in ${vpc.VPCRegion}.`);
    }
    const same = vpc && all.find((one) => one.name === name && one.vpcs.some((held) => held.id === vpc.VPCId));
    if (same) throw conflictingDomain(vpc.VPCId ?? '', vpc.VPCRegion ?? '', same.id);
    const id = `Z${idPart(call)}`;
    const row = await takeUp(change, {
      id,
      account: scope.account,
      name,
      callerReference: input.CallerReference,
      isPrivate: vpc !== undefined,
      vpcs: vpc ? [{ region: vpc.VPCRegion ?? '', id: vpc.VPCId ?? '' }] : [],
      // Of its own: a record that leads to them delegates to this zone, and to no other of the same name.
      nameServers: ports.nameServers.map((server) => `${id.toLowerCase()}.${server}`),
      createdAt: now,
      ...(input.HostedZoneConfig?.Comment !== undefined && { comment: input.HostedZoneConfig.Comment }),
    });
    change.put(zones, scope.account, row.id, row);
    const [primary = 'ns.bailey.localhost.'] = row.nameServers;
    const authority = [
      { name, type: 'NS', ttl: 172_800, values: row.nameServers.map((one) => (one.endsWith('.') ? one : `${one}.`)) },
      {
        name,
        type: 'SOA',
        ttl: 900,
        values: [`${primary.replace(/\.?$/, '.')} hostmaster.${name} 1 7200 900 1209600 86400`],
      },
    ];
    for (const record of authority) change.put(records, row.id, recordId(record), record);
    return {
      HostedZone: { ...(await shownZone(call, row)), ResourceRecordSetCount: authority.length },
      ChangeInfo: newChange(call),
      ...(delegation(row) as Pick<CreateHostedZoneResponse, 'DelegationSet'>),
      ...(vpc && { VPC: vpc }),
      Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${row.id}`,
    } as CreateHostedZoneResponse;
  },
});

export const GetHostedZone = operation<GetHostedZoneRequest, GetHostedZoneResponse, Route53Ports>({
  checks: (input, call) => on(call, 'hostedzone', bareId(input.Id)),
  async handle(input, call) {
    const row = await findZone(call, input.Id);
    const VPCs = row.vpcs.map(({ region, id }) => ({ VPCRegion: region as 'us-east-1', VPCId: id }));
    return { HostedZone: await shownZone(call, row), ...delegation(row), ...(row.isPrivate && { VPCs }) };
  },
});

export const DeleteHostedZone = operation<DeleteHostedZoneRequest, DeleteHostedZoneResponse, Route53Ports>({
  checks: (input, call) => on(call, 'hostedzone', bareId(input.Id)),
  async handle(input, call) {
    const { change, scope, now } = call;
    const row = await findZone(call, input.Id);
    const held = await change.list(records, row.id);
    const others = held.filter(({ value }) => value.name !== row.name || (value.type !== 'NS' && value.type !== 'SOA'));
    if (others.length > 0) {
      throw new AwsError(
        'HostedZoneNotEmpty',
        'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
      );
    }
    for (const { id } of held) change.delete(records, row.id, id);
    change.delete(zones, scope.account, row.id);
    await leave(change, row, now);
    change.delete(tags, scope.account, `hostedzone/${row.id}`);
    return { ChangeInfo: newChange(call) };
  },
});

export const UpdateHostedZoneComment = operation<
  UpdateHostedZoneCommentRequest,
  UpdateHostedZoneCommentResponse,
  Route53Ports
>({
  checks: (input, call) => on(call, 'hostedzone', bareId(input.Id)),
  async handle(input, call) {
    const { comment: _before, ...rest } = await findZone(call, input.Id);
    const row: ZoneRow = {
      ...rest,
      ...(input.Comment !== undefined && input.Comment !== '' && { comment: input.Comment }),
    };
    call.change.put(zones, call.scope.account, row.id, row);
    return { HostedZone: await shownZone(call, row) };
  },
});
