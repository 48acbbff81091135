/** AssociateDistributionWebACL and DisassociateDistributionWebACL: one member of a distribution, changed by itself. */
import type {
  AssociateDistributionWebACLRequest,
  AssociateDistributionWebACLResult,
  DisassociateDistributionWebACLRequest,
  DisassociateDistributionWebACLResult,
} from '@aws-sdk/client-cloudfront';
import { type Call, operation } from '../../service.ts';
import { on, webAclCheck } from '../checks.ts';
import { acceptWebAcl } from '../configuration/accept.ts';
import { invalid, noEntity } from '../errors.ts';
import { findDistribution, requireVersion } from '../find.ts';
import { newId } from '../identifiers.ts';
import { place } from '../placing.ts';
import type { CloudFrontPorts } from '../ports.ts';
import type { DistributionRow } from '../state.ts';

async function put(call: Call, id: string, version: string | undefined, webAcl: string): Promise<DistributionRow> {
  const before = await findDistribution(call, id, noEntity);
  if (version !== undefined) requireVersion(before, version);
  const row = {
    ...before,
    config: { ...before.config, WebACLId: webAcl },
    etag: newId(call.random),
    modifiedAt: call.now,
  };
  await place(call, before, row);
  return row;
}

export const AssociateDistributionWebACL = operation<
  AssociateDistributionWebACLRequest,
  AssociateDistributionWebACLResult,
  CloudFrontPorts
>({
  checks: async (input, call, ports) => [
    await on(call, input.Id),
    ...(await webAclCheck(call, input.WebACLArn, ports)),
  ],
  async handle(input, call, ports) {
    if (input.WebACLArn === '') throw invalid('The parameter WebACLArn is required.');
    const found = await ports.webAcl(call.change, input.WebACLArn);
    if (!found) throw noEntity();
    if (!found.isGlobal || found.account !== call.scope.account) {
      throw invalid('The web ACL must be of scope CLOUDFRONT, and of this account.');
    }
    const webAcl = await acceptWebAcl(input.WebACLArn, call, ports);
    const row = await put(call, input.Id, input.IfMatch, webAcl);
    return { Id: row.id, WebACLArn: webAcl, ETag: row.etag };
  },
});

export const DisassociateDistributionWebACL = operation<
  DisassociateDistributionWebACLRequest,
  DisassociateDistributionWebACLResult,
  CloudFrontPorts
>({
  checks: async (input, call) => [await on(call, input.Id)],
  async handle(input, call) {
    const row = await put(call, input.Id, input.IfMatch, '');
    return { Id: row.id, ETag: row.etag };
  },
});
