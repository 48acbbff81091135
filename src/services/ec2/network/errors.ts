/** EC2's errors about networks (EC2 API Reference, "Error codes"), with the texts that EC2 gives. */
import { AwsError } from '../../service.ts';

export const refused = (code: string, message: string): AwsError => new AwsError(code, message, { status: 400 });

export const missingParameter = (name: string): AwsError =>
  refused('MissingParameter', `The request must contain the parameter ${name}`);

export const invalidValue = (value: unknown, name: string, why?: string): AwsError =>
  refused(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${name} is invalid.${why === undefined ? '' : ` ${why}`}`,
  );

export const combination = (message: string): AwsError => refused('InvalidParameterCombination', message);

/** Kinds of resources: their id's prefix, the code when there is none, and how EC2 calls them. */
export const kinds = {
  vpc: { prefix: 'vpc', code: 'InvalidVpcID', noun: 'vpc' },
  subnet: { prefix: 'subnet', code: 'InvalidSubnetID', noun: 'subnet' },
  'security-group': { prefix: 'sg', code: 'InvalidGroup', malformed: 'InvalidGroupId', noun: 'security group' },
  'security-group-rule': {
    prefix: 'sgr',
    code: 'InvalidSecurityGroupRuleId',
    noun: 'security group rule',
  },
  'network-acl': { prefix: 'acl', code: 'InvalidNetworkAclID', noun: 'networkAcl' },
  'route-table': { prefix: 'rtb', code: 'InvalidRouteTableID', noun: 'routeTable' },
  'internet-gateway': { prefix: 'igw', code: 'InvalidInternetGatewayID', noun: 'internetGateway' },
  'dhcp-options': { prefix: 'dopt', code: 'InvalidDhcpOptionID', noun: 'dhcpOption' },
  'network-interface': { prefix: 'eni', code: 'InvalidNetworkInterfaceID', noun: 'networkInterface' },
  'prefix-list': { prefix: 'pl', code: 'InvalidPrefixListID', noun: 'prefix list' },
  'vpc-flow-log': { prefix: 'fl', code: 'InvalidFlowLogId', noun: 'flow log' },
  'vpc-endpoint': { prefix: 'vpce', code: 'InvalidVpcEndpointId', noun: 'Vpc Endpoint' },
  instance: { prefix: 'i', code: 'InvalidInstanceID', noun: 'instance' },
} as const satisfies Record<string, { prefix: string; code: string; malformed?: string; noun: string }>;

export type Kind = keyof typeof kinds;

export function notFound(kind: Kind, ...ids: readonly string[]): AwsError {
  const { code, noun } = kinds[kind];
  const word = kind === 'security-group' ? '' : ids.length > 1 ? ' IDs' : ' ID';
  const verb = ids.length > 1 ? 'do' : 'does';
  return refused(`${code}.NotFound`, `The ${noun}${word} '${ids.join(', ')}' ${verb} not exist`);
}

/** @throws `….Malformed` for a text that is no id of the kind */
export function requireId(kind: Kind, id: string): void {
  const { prefix, code } = kinds[kind];
  if (new RegExp(`^${prefix}-[0-9a-f]{8}(?:[0-9a-f]{9})?$`).test(id)) return;
  const malformed = 'malformed' in kinds[kind] ? (kinds[kind] as { malformed: string }).malformed : code;
  throw refused(`${malformed}.Malformed`, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

export const dependent = (id: string): AwsError =>
  refused('DependencyViolation', `resource ${id} has a dependent object`);

export const vpcHasDependencies = (id: string): AwsError =>
  refused('DependencyViolation', `The vpc '${id}' has dependencies and cannot be deleted.`);
