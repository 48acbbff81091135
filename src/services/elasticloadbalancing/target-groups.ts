/** Target groups: what a new one is made of, and how they are shown. */
import type { CreateTargetGroupInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Reader } from '../../store/store.ts';
import type { Call, Decoded } from '../service.ts';
import { arnOf, targetGroupArn } from './arns.ts';
import { isHttp } from './attributes/target-group.ts';
import { notBuilt, validation } from './errors.ts';
import { newHealthCheck, requireBuilt } from './health-checks.ts';
import { hexId } from './ids.ts';
import { requireName } from './load-balancers.ts';
import type { ElbPorts } from './ports.ts';
import { loadBalancersUsing } from './rules/uses.ts';
import type { TargetGroupProtocol, TargetGroupRow } from './state.ts';
import { mergeTags } from './tags.ts';

/** @throws AwsError ValidationError, NotImplemented */
export async function readTargetGroup(
  input: Decoded<CreateTargetGroupInput>,
  call: Call,
  { networks }: Pick<ElbPorts, 'networks'>,
): Promise<TargetGroupRow> {
  const { account, region } = call.scope;
  requireName('Target group', input.Name);
  requireBuilt(input);
  if (input.TargetControlPort !== undefined) throw notBuilt('The target optimizer');
  if (input.Protocol === undefined) throw validation('A protocol must be specified');
  if (input.Port === undefined) throw validation('A port must be specified');
  if (input.VpcId === undefined) throw validation('A VPC ID must be specified');
  const vpc = await networks.vpc(call.change, call.scope, input.VpcId);
  if (!vpc) throw validation(`The VPC ID '${input.VpcId}' is not found`);
  const kind = {
    protocol: input.Protocol as TargetGroupProtocol,
    targetType: (input.TargetType ?? 'instance') as TargetGroupRow['targetType'],
    ...version(input),
  };
  const ipAddressType = input.IpAddressType ?? 'ipv4';
  return {
    account,
    region,
    name: input.Name,
    id: hexId(call.random),
    ...kind,
    port: input.Port,
    vpcId: input.VpcId,
    ipAddressType,
    healthCheck: newHealthCheck(kind, input),
    attributes: {},
    tags: mergeTags({}, input.Tags),
    createdAt: call.now,
  };
}

/** Terraform sends an empty version for none. */
function version({ Protocol, ProtocolVersion }: CreateTargetGroupInput): Pick<TargetGroupRow, 'protocolVersion'> {
  if (!isHttp({ protocol: Protocol as TargetGroupProtocol })) {
    if (ProtocolVersion) {
      throw validation(`A protocol version cannot be specified for target groups with the ${Protocol} protocol`);
    }
    return {};
  }
  const wanted = ProtocolVersion || 'HTTP1';
  if (wanted !== 'HTTP1' && wanted !== 'HTTP2' && wanted !== 'GRPC') {
    throw validation(`Protocol version '${wanted}' must be one of '[GRPC, HTTP1, HTTP2]'`);
  }
  return { protocolVersion: wanted };
}

/** "If you attempt to create multiple target groups with the same settings, each call succeeds." */
export function isSameGroup(a: TargetGroupRow, b: TargetGroupRow): boolean {
  const settings = (row: TargetGroupRow): string =>
    JSON.stringify([
      row.targetType,
      row.protocol,
      row.protocolVersion,
      row.port,
      row.vpcId,
      row.ipAddressType,
      Object.entries(row.healthCheck).sort(),
      Object.entries(row.tags).sort(),
    ]);
  return settings(a) === settings(b);
}

export async function shownTargetGroup(reader: Reader, row: TargetGroupRow): Promise<TargetGroup> {
  const { healthCheck: check } = row;
  return {
    TargetGroupArn: targetGroupArn(row),
    TargetGroupName: row.name,
    Protocol: row.protocol,
    Port: row.port,
    VpcId: row.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.path !== undefined && { HealthCheckPath: check.path }),
    ...(check.matcher && { Matcher: check.matcher }),
    LoadBalancerArns: (await loadBalancersUsing(reader, row)).map((path) => arnOf(row, `loadbalancer/${path}`)),
    TargetType: row.targetType,
    ...(row.protocolVersion && { ProtocolVersion: row.protocolVersion }),
    IpAddressType: row.ipAddressType,
  };
}
