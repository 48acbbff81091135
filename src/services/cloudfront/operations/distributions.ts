/** GetDistribution, GetDistributionConfig, UpdateDistribution, DeleteDistribution. */
import type {
  DeleteDistributionRequest,
  GetDistributionConfigRequest,
  GetDistributionConfigResult,
  GetDistributionRequest,
  GetDistributionResult,
  UpdateDistributionRequest,
  UpdateDistributionResult,
} from '@aws-sdk/client-cloudfront';
import { operation } from '../../service.ts';
import { on, webAclCheck } from '../checks.ts';
import { acceptConfig } from '../configuration/accept.ts';
import { illegalUpdate, notDisabled } from '../errors.ts';
import { findDistribution, requireVersion } from '../find.ts';
import { newId } from '../identifiers.ts';
import { forget, place } from '../placing.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { shownDistribution } from '../shapes.ts';
import { type DistributionRow, distributions, invalidationPartition, invalidations } from '../state.ts';

export const GetDistribution = operation<GetDistributionRequest, GetDistributionResult, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.Id)],
  async handle(input, call, ports) {
    const row = await findDistribution(call, input.Id);
    await ports.deployed();
    return { Distribution: shownDistribution(row, 'Deployed'), ETag: row.etag };
  },
});

export const GetDistributionConfig = operation<
  GetDistributionConfigRequest,
  GetDistributionConfigResult,
  CloudFrontPorts
>({
  checks: async (input, call) => [await on(call, input.Id)],
  async handle(input, call) {
    const row = await findDistribution(call, input.Id);
    return { DistributionConfig: row.config, ETag: row.etag };
  },
});

export const UpdateDistribution = operation<UpdateDistributionRequest, UpdateDistributionResult, CloudFrontPorts>({
  async checks(input, call, ports) {
    const held = await call.change.get(distributions, call.scope.account, input.Id);
    const webAcl = input.DistributionConfig.WebACLId;
    const isOther = webAcl !== held?.config.WebACLId;
    return [await on(call, input.Id), ...(isOther ? await webAclCheck(call, webAcl, ports) : [])];
  },
  async handle(input, call, ports) {
    const before = await findDistribution(call, input.Id);
    requireVersion(before, input.IfMatch);
    if (input.DistributionConfig.CallerReference !== before.config.CallerReference) {
      throw illegalUpdate('The update contains modifications that are not allowed: CallerReference.');
    }
    const { certificate: _before, ...kept } = before;
    const row: DistributionRow = {
      ...kept,
      ...(await acceptConfig(input.DistributionConfig, call, ports)),
      etag: newId(call.random),
      modifiedAt: call.now,
    };
    await place(call, before, row);
    return { Distribution: shownDistribution(row, 'InProgress'), ETag: row.etag };
  },
});

export const DeleteDistribution = operation<DeleteDistributionRequest, object, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.Id)],
  async handle(input, call) {
    const row = await findDistribution(call, input.Id);
    requireVersion(row, input.IfMatch);
    if (row.config.Enabled) throw notDisabled();
    forget(call, row);
    const partition = invalidationPartition(row);
    for (const { id } of await call.change.list(invalidations, partition))
      call.change.delete(invalidations, partition, id);
    return {};
  },
});
