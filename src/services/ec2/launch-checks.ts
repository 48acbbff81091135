/**
 * The checks of RunInstances: one for each resource that the launch would make or use, each with its own condition keys.
 * Source: service authorization reference, "Actions, resources, and condition keys for Amazon EC2".
 */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { ec2Arn, type ResourceType } from './arns.ts';
import type { Ec2Ports } from './ports.ts';

/** EC2's default when a launch names no type. */
const defaultType = 'm1.small';

export async function launchChecks(
  input: RunInstancesRequest,
  call: CheckCall,
  ports: Ec2Ports,
): Promise<readonly Check[]> {
  const { account, region } = call.scope;
  const profile = await namedProfile(input, call, ports);
  const template = input.LaunchTemplate?.LaunchTemplateId ?? input.LaunchTemplate?.LaunchTemplateName;
  const everywhere: Record<string, string> = { 'ec2:Region': region };
  if (template !== undefined) everywhere['ec2:LaunchTemplate'] = ec2Arn(call, 'launch-template', template);
  const checks: Check[] = [];
  const add = (type: ResourceType, id: string | undefined, context: ConditionValues = {}): void => {
    const launched = { ...everywhere, ...context };
    checks.push({
      action: 'ec2:RunInstances',
      resource: { arn: ec2Arn(call, type, id), account },
      context: template === undefined ? launched : { ...launched, 'ec2:IsLaunchTemplateResource': 'false' },
    });
  };

  add('instance', undefined, { ...instanceValues(input, profile?.arn), ...requestTags(input, 'instance') });
  add('image', input.ImageId, { 'ec2:ImageID': input.ImageId });
  const interfaces = input.NetworkInterfaces ?? [];
  const subnets = unique([input.SubnetId, ...interfaces.map((given) => given.SubnetId)]);
  const groups = unique([...(input.SecurityGroupIds ?? []), ...interfaces.flatMap((given) => given.Groups ?? [])]);
  for (const group of groups.length > 0 ? groups : [undefined]) {
    add('security-group', group, { 'ec2:SecurityGroupID': group });
  }
  for (const subnet of subnets.length > 0 ? subnets : [undefined]) add('subnet', subnet, { 'ec2:SubnetID': subnet });
  for (const given of interfaces.length > 0 ? interfaces : [undefined]) {
    const subnet = given?.SubnetId ?? input.SubnetId;
    add('network-interface', given?.NetworkInterfaceId, {
      'ec2:NetworkInterfaceID': given?.NetworkInterfaceId,
      'ec2:AssociatePublicIpAddress': flag(given?.AssociatePublicIpAddress),
      'ec2:Subnet': subnet === undefined ? undefined : ec2Arn(call, 'subnet', subnet),
      'ec2:AvailabilityZone': input.Placement?.AvailabilityZone,
      ...requestTags(input, 'network-interface'),
    });
  }
  for (const values of volumes(input, call)) add('volume', undefined, { ...values, ...requestTags(input, 'volume') });
  for (const snapshot of unique((input.BlockDeviceMappings ?? []).map((mapping) => mapping.Ebs?.SnapshotId))) {
    add('snapshot', snapshot, { 'ec2:SnapshotID': snapshot });
  }
  if (input.KeyName !== undefined) add('key-pair', input.KeyName, { 'ec2:KeyPairName': input.KeyName });
  const placement = input.Placement?.GroupName ?? input.Placement?.GroupId;
  if (placement !== undefined) add('placement-group', placement, { 'ec2:PlacementGroupName': placement });
  if (template !== undefined) add('launch-template', template);
  const reservation = input.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId;
  if (reservation !== undefined) add('capacity-reservation', reservation);
  for (const gpu of input.ElasticGpuSpecification ?? [])
    add('elastic-gpu', undefined, { 'ec2:ElasticGpuType': gpu.Type });
  if (input.InstanceMarketOptions?.MarketType === 'spot') {
    add('spot-instances-request', undefined, requestTags(input, 'spot-instances-request'));
  }
  checks.push(...tagChecks(input, call, everywhere));
  if (profile) {
    checks.push({
      action: 'iam:PassRole',
      // A profile that is not there, or is empty, asks for a role that nobody names: only `*` reaches it.
      resource: { arn: profile.roleArn ?? `arn:aws:iam::${account}:role/*`, account },
      context: { 'iam:PassedToService': 'ec2.amazonaws.com', 'iam:AssociatedResourceArn': ec2Arn(call, 'instance') },
    });
  }
  return checks;
}

/** The instance profile of a launch; without an ARN when the account has none of that name. */
export async function namedProfile(
  input: RunInstancesRequest,
  call: CheckCall,
  ports: Ec2Ports,
): Promise<{ readonly arn?: string; readonly roleArn?: string | undefined } | undefined> {
  const named = input.IamInstanceProfile;
  if (named?.Name === undefined && named?.Arn === undefined) return undefined;
  return (await ports.instanceProfiles.find(call.scope.account, { name: named.Name, arn: named.Arn })) ?? {};
}

function instanceValues(input: RunInstancesRequest, profileArn: string | undefined): ConditionValues {
  const metadata = input.MetadataOptions;
  return {
    'ec2:InstanceType': input.InstanceType ?? defaultType,
    'ec2:AvailabilityZone': input.Placement?.AvailabilityZone,
    'ec2:EbsOptimized': flag(input.EbsOptimized ?? false),
    'ec2:InstanceMarketType': input.InstanceMarketOptions?.MarketType ?? 'on-demand',
    'ec2:InstanceProfile': profileArn,
    'ec2:MetadataHttpEndpoint': metadata?.HttpEndpoint,
    'ec2:MetadataHttpPutResponseHopLimit': metadata?.HttpPutResponseHopLimit?.toString(),
    'ec2:MetadataHttpTokens': metadata?.HttpTokens,
    'ec2:InstanceMetadataTags': metadata?.InstanceMetadataTags,
    'ec2:InstanceAutoRecovery': input.MaintenanceOptions?.AutoRecovery,
    'ec2:PlacementGroup': input.Placement?.GroupName,
    'ec2:Tenancy': input.Placement?.Tenancy ?? 'default',
  };
}

/** One root volume when no block device is described. */
function volumes(input: RunInstancesRequest, call: CheckCall): readonly ConditionValues[] {
  const described = (input.BlockDeviceMappings ?? []).filter((mapping) => mapping.Ebs !== undefined);
  if (described.length === 0) return [{ 'ec2:AvailabilityZone': input.Placement?.AvailabilityZone }];
  return described.map(({ Ebs: ebs }) => ({
    'ec2:AvailabilityZone': input.Placement?.AvailabilityZone,
    'ec2:Encrypted': flag(ebs?.Encrypted ?? false),
    'ec2:KmsKeyId': ebs?.KmsKeyId,
    'ec2:ParentSnapshot': ebs?.SnapshotId === undefined ? undefined : ec2Arn(call, 'snapshot', ebs.SnapshotId),
    'ec2:VolumeIops': ebs?.Iops?.toString(),
    'ec2:VolumeSize': ebs?.VolumeSize?.toString(),
    'ec2:VolumeThroughput': ebs?.Throughput?.toString(),
    'ec2:VolumeType': ebs?.VolumeType,
  }));
}

/** Tagging at launch needs ec2:CreateTags on each tagged kind as well (EC2 User Guide, "Grant permission to tag"). */
function tagChecks(input: RunInstancesRequest, call: CheckCall, everywhere: ConditionValues): readonly Check[] {
  const types = unique((input.TagSpecifications ?? []).map((given) => given.ResourceType)) as ResourceType[];
  return types
    .filter((type) => Object.keys(requestTags(input, type)).length > 0)
    .map((type) => ({
      action: 'ec2:CreateTags',
      resource: { arn: ec2Arn(call, type), account: call.scope.account },
      context: { ...everywhere, 'ec2:CreateAction': 'RunInstances', ...requestTags(input, type) },
    }));
}

function requestTags(input: RunInstancesRequest, type: string): ConditionValues {
  const values: Record<string, string | readonly string[]> = {};
  const keys: string[] = [];
  for (const given of input.TagSpecifications ?? []) {
    if (given.ResourceType !== type) continue;
    for (const tag of given.Tags ?? []) {
      if (tag.Key === undefined) continue;
      keys.push(tag.Key);
      values[`aws:RequestTag/${tag.Key}`] = tag.Value ?? '';
    }
  }
  if (keys.length > 0) values['aws:TagKeys'] = keys;
  return values;
}

function flag(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function unique(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
