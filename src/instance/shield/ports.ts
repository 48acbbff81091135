/** What Shield asks of its neighbours. */

import { accounts } from '../../services/account/state.ts';
import { distributionByArn } from '../../services/cloudfront/reading.ts';
import { loadBalancers } from '../../services/elasticloadbalancing/state.ts';
import { roles, rowId } from '../../services/iam/state.ts';
import { healthChecks, zones } from '../../services/route53/state.ts';
import { type Actor, AwsError } from '../../services/service.ts';
import type { ProtectedResource, ShieldPorts } from '../../services/shield/ports.ts';
import { associations } from '../../services/wafv2/state.ts';
import type { Reader, Store } from '../../store/store.ts';
import { shieldRole } from './linked-role.ts';
import { placeRules } from './rules.ts';

export async function webAclOf(reader: Reader, resource: string): Promise<string | undefined> {
  const distribution = await distributionByArn(reader, resource);
  // A distribution names its web ACL itself.
  if (distribution) return distribution.config.WebACLId || undefined;
  return (await reader.get(associations, '', resource))?.webAclArn;
}

async function resourceOf(reader: Reader, arn: string): Promise<ProtectedResource | undefined> {
  const [, , service = '', region = '', account = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 'elasticloadbalancing') {
    const [, kind, name = '', id = ''] = resource.split('/');
    const row = await reader.get(loadBalancers, `${account}/${region}`, name);
    if (row?.id !== id || kind !== 'app') return undefined;
    const webAcl = await webAclOf(reader, arn);
    return { account, type: 'APPLICATION_LOAD_BALANCER', ...(webAcl !== undefined && { webAcl }) };
  }
  if (service === 'cloudfront') {
    if (!(await distributionByArn(reader, arn))) return undefined;
    const webAcl = await webAclOf(reader, arn);
    return { account, type: 'CLOUDFRONT_DISTRIBUTION', ...(webAcl !== undefined && { webAcl }) };
  }
  const zone = /^hostedzone\/(Z[A-Z0-9]{1,32})$/.exec(resource)?.[1];
  if (service === 'route53' && zone !== undefined) {
    for (const { id } of await reader.list(accounts, '')) {
      if (await reader.get(zones, id, zone)) return { account: id, type: 'ROUTE_53_HOSTED_ZONE' };
    }
  }
  return undefined;
}

export function shieldPorts(store: Store, now: () => number, actor: () => Actor): ShieldPorts {
  return {
    resource: resourceOf,
    healthCheckExists: async (reader, account, id) => (await reader.get(healthChecks, account, id)) !== undefined,
    async roleExists(reader, arn) {
      const [, , , , account = '', resource = ''] = arn.split(':');
      const name = resource.slice(resource.lastIndexOf('/') + 1);
      return resource.startsWith('role/') && (await reader.get(roles, account, rowId(name))) !== undefined;
    },
    async linkRole(call) {
      const input = { AWSServiceName: 'shield.amazonaws.com' };
      if (await shieldRole(store, call.scope.account, now())) return;
      try {
        await call.actor.call(
          { as: 'caller', call, via: 'shield.amazonaws.com' },
          'iam',
          'CreateServiceLinkedRole',
          input,
        );
      } catch (error) {
        // Another call made it meanwhile.
        if (!(error instanceof AwsError) || error.code !== 'InvalidInput') throw error;
      }
    },
    async placeRules(account, _resource, webAcl, action) {
      const caller = await shieldRole(store, account, now());
      // Rules come with an attack; here only those that are not wanted any more go.
      if (caller && action === undefined) await placeRules({ actor: actor(), caller, webAcl }, undefined, 'COUNT');
    },
  };
}
