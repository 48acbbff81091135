/** AssociateWebACL, DisassociateWebACL, GetWebACLForResource, ListResourcesForWebACL. */
import type {
  AssociateWebACLRequest,
  DisassociateWebACLRequest,
  GetWebACLForResourceRequest,
  GetWebACLForResourceResponse,
  ListResourcesForWebACLRequest,
  ListResourcesForWebACLResponse,
} from '@aws-sdk/client-wafv2';
import { type Check, operation } from '../../service.ts';
import { arnCheck } from '../checks.ts';
import { findByArn } from '../entity.ts';
import { invalidParameter, limitsExceeded, nonexistentItem, reasons } from '../errors.ts';
import type { WafPorts } from '../ports.ts';
import { protectable, protectedBy, resourceCheck } from '../protected-resource.ts';
import { shownWebAcl } from '../shapes.ts';
import { associated, associations, webAcls } from '../state.ts';

export const AssociateWebACL = operation<AssociateWebACLRequest, object, WafPorts>({
  checks: async (input, call, ports): Promise<Check[]> => [
    await arnCheck(call, 'AssociateWebACL', input.WebACLArn),
    await resourceCheck(call, 'wafv2:AssociateWebACL', input.ResourceArn, ports),
    // "Permissions for AssociateWebACL": the load balancer's own service has a word in it.
    await resourceCheck(call, 'elasticloadbalancing:SetWebAcl', input.ResourceArn, ports),
  ],
  async handle(input, call, ports) {
    await protectable(call, input.ResourceArn, ports);
    const acl = await findByArn(call, webAcls, 'webacl', input.WebACLArn);
    if (acl.account !== call.scope.account) throw nonexistentItem();
    // A distribution names its web ACL itself.
    if (acl.scope === 'CLOUDFRONT') throw invalidParameter('WEB_ACL', input.WebACLArn, reasons.scope);
    const before = await call.change.get(associations, '', input.ResourceArn);
    if (before?.webAclArn !== input.WebACLArn) {
      const present = await protectedBy(call, input.WebACLArn, ports);
      if (present.length >= ports.quotas.loadBalancersPerWebAcl) throw limitsExceeded('APPLICATION_LOAD_BALANCER');
    }
    if (before) call.change.delete(associated, before.webAclArn, input.ResourceArn);
    call.change.put(associations, '', input.ResourceArn, { webAclArn: input.WebACLArn });
    call.change.put(associated, input.WebACLArn, input.ResourceArn, {});
    return {};
  },
});

export const DisassociateWebACL = operation<DisassociateWebACLRequest, object, WafPorts>({
  checks: async (input, call, ports) => [
    await resourceCheck(call, 'wafv2:DisassociateWebACL', input.ResourceArn, ports),
    await resourceCheck(call, 'elasticloadbalancing:SetWebAcl', input.ResourceArn, ports),
  ],
  async handle(input, call, ports) {
    await protectable(call, input.ResourceArn, ports);
    const before = await call.change.get(associations, '', input.ResourceArn);
    if (before) {
      call.change.delete(associations, '', input.ResourceArn);
      call.change.delete(associated, before.webAclArn, input.ResourceArn);
    }
    return {};
  },
});

export const GetWebACLForResource = operation<GetWebACLForResourceRequest, GetWebACLForResourceResponse, WafPorts>({
  async checks(input, call, ports) {
    const checks = [await resourceCheck(call, 'wafv2:GetWebACLForResource', input.ResourceArn, ports)];
    const held = await call.change.get(associations, '', input.ResourceArn);
    if (held) checks.push(await arnCheck(call, 'GetWebACLForResource', held.webAclArn));
    return checks;
  },
  async handle(input, call, ports) {
    await protectable(call, input.ResourceArn, ports);
    const held = await call.change.get(associations, '', input.ResourceArn);
    if (!held) return {};
    return { WebACL: shownWebAcl(await findByArn(call, webAcls, 'webacl', held.webAclArn)) };
  },
});

export const ListResourcesForWebACL = operation<
  ListResourcesForWebACLRequest,
  ListResourcesForWebACLResponse,
  WafPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'ListResourcesForWebACL', input.WebACLArn)],
  async handle(input, call, ports) {
    const acl = await findByArn(call, webAcls, 'webacl', input.WebACLArn);
    // "If you don't provide a resource type, the call uses APPLICATION_LOAD_BALANCER"; nothing else can be protected.
    const type = input.ResourceType ?? 'APPLICATION_LOAD_BALANCER';
    if (acl.scope === 'CLOUDFRONT') throw invalidParameter('WEB_ACL', input.WebACLArn, reasons.scope);
    if (type !== 'APPLICATION_LOAD_BALANCER') return { ResourceArns: [] };
    return { ResourceArns: await protectedBy(call, input.WebACLArn, ports) };
  },
});
