/** What a web ACL can be associated with: application load balancers. Distributions name their web ACL themselves. */
import type { Call, Check, CheckCall } from '../service.ts';
import { invalidParameter, reasons, unavailableEntity } from './errors.ts';
import type { Protectable, WafPorts } from './ports.ts';
import { associated, associations } from './state.ts';

interface ResourceArn {
  readonly region: string;
  readonly account: string;
}

/** @throws AwsError WAFInvalidParameterException for whatever is no load balancer of type application of this region */
function parse(call: Pick<CheckCall, 'scope'>, arn: string): ResourceArn {
  const [prefix, partition, service, region = '', account = '', resource = '', ...more] = arn.split(':');
  const isArn = prefix === 'arn' && partition === 'aws' && more.length === 0 && /^\d{12}$/.test(account);
  const isLoadBalancer =
    service === 'elasticloadbalancing' && /^loadbalancer\/app\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{1,32}$/.test(resource);
  if (!isArn || !isLoadBalancer || region !== call.scope.region) {
    throw invalidParameter('RESOURCE_ARN', arn, reasons.arn);
  }
  return { region, account };
}

export async function resourceCheck(call: CheckCall, action: string, arn: string, ports: WafPorts): Promise<Check> {
  const { account } = parse(call, arn);
  const found = await ports.resources.loadBalancer(call.change, arn);
  return { action, resource: { arn, account, ...(found && { tags: found.tags }) } };
}

/** @throws AwsError WAFInvalidParameterException, WAFUnavailableEntityException */
export async function protectable(call: CheckCall, arn: string, ports: WafPorts): Promise<Protectable> {
  parse(call, arn);
  const found = await ports.resources.loadBalancer(call.change, arn);
  if (!found || found.account !== call.scope.account) throw unavailableEntity();
  return found;
}

/** What the web ACL protects. A load balancer that is gone takes its association with it. */
export async function protectedBy(call: CheckCall, webAclArn: string, ports: WafPorts): Promise<string[]> {
  const rows = await call.change.list(associated, webAclArn);
  const found = await Promise.all(rows.map(({ id }) => ports.resources.loadBalancer(call.change, id)));
  return rows.filter((_row, index) => found[index] !== undefined).map(({ id }) => id);
}

export async function forgetAssociations(call: Call, webAclArn: string): Promise<void> {
  for (const { id } of await call.change.list(associated, webAclArn)) {
    call.change.delete(associated, webAclArn, id);
    call.change.delete(associations, '', id);
  }
}
