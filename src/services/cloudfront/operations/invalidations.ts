/** CreateInvalidation, GetInvalidation, ListInvalidations: the edge asks origins anew for what they name. */
import type {
  CreateInvalidationRequest,
  CreateInvalidationResult,
  GetInvalidationRequest,
  GetInvalidationResult,
  Invalidation,
  ListInvalidationsRequest,
  ListInvalidationsResult,
} from '@aws-sdk/client-cloudfront';
import { AwsError, operation } from '../../service.ts';
import { on } from '../checks.ts';
import { itemsOf } from '../configuration/lists.ts';
import { invalid, invalidationExists, noInvalidation } from '../errors.ts';
import { findDistribution } from '../find.ts';
import { newInvalidationId } from '../identifiers.ts';
import { pageOf } from '../pages.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { quotas } from '../quotas.ts';
import { type InvalidationRow, invalidationKey, invalidationPartition, invalidations } from '../state.ts';

const shown = (row: InvalidationRow, Status: 'InProgress' | 'Completed'): Invalidation => ({
  Id: row.id,
  Status,
  CreateTime: new Date(row.createdAt),
  InvalidationBatch: {
    Paths: { Quantity: row.paths.length, Items: [...row.paths] },
    CallerReference: row.callerReference,
  },
});

/** @throws AwsError InvalidArgument, BatchTooLarge, TooManyInvalidationsInProgress */
function checkPaths(paths: readonly string[]): void {
  if (paths.length === 0) throw invalid('An invalidation needs at least one path.');
  if (paths.length > quotas.invalidationPaths) {
    throw new AwsError('BatchTooLarge', 'Invalidation batch specified is too large.', { status: 413 });
  }
  for (const path of paths) {
    // A star stands at the end, and only there.
    if (!/^\/[\x21-\x29\x2b-\x7e]{0,4000}\*?$/.test(path)) {
      throw invalid(`Your request contains one or more invalid invalidation paths: ${path}`);
    }
  }
  if (paths.filter((path) => path.endsWith('*')).length > quotas.invalidationWildcards) {
    throw new AwsError(
      'TooManyInvalidationsInProgress',
      'Processing your request would cause you to exceed the maximum number of in-progress wildcard invalidations.',
    );
  }
}

export const CreateInvalidation = operation<CreateInvalidationRequest, CreateInvalidationResult, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.DistributionId)],
  async handle(input, call) {
    const { change, now, random } = call;
    const distribution = await findDistribution(call, input.DistributionId);
    const { CallerReference: callerReference = '', Paths } = input.InvalidationBatch;
    const paths = itemsOf(Paths);
    checkPaths(paths);
    const partition = invalidationPartition(distribution);
    const before = await change.list(invalidations, partition);
    const known = before.find(({ value }) => value.callerReference === callerReference)?.value;
    if (known && JSON.stringify(known.paths) !== JSON.stringify(paths)) throw invalidationExists();
    const row = known ?? { id: newInvalidationId(random), callerReference, createdAt: now, paths };
    if (!known) {
      for (const { id } of before.slice(quotas.invalidations - 1)) change.delete(invalidations, partition, id);
      change.put(invalidations, partition, invalidationKey(row), row);
    }
    return {
      Location: `https://cloudfront.amazonaws.com/2020-05-31/distribution/${distribution.id}/invalidation/${row.id}`,
      Invalidation: shown(row, 'InProgress'),
    };
  },
});

export const GetInvalidation = operation<GetInvalidationRequest, GetInvalidationResult, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.DistributionId)],
  async handle(input, call, ports) {
    const distribution = await findDistribution(call, input.DistributionId);
    const rows = await call.change.list(invalidations, invalidationPartition(distribution));
    const found = rows.find(({ value }) => value.id === input.Id)?.value;
    if (!found) throw noInvalidation();
    await ports.deployed();
    return { Invalidation: shown(found, 'Completed') };
  },
});

export const ListInvalidations = operation<ListInvalidationsRequest, ListInvalidationsResult, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.DistributionId)],
  async handle(input, call, ports) {
    const distribution = await findDistribution(call, input.DistributionId);
    const rows = (await call.change.list(invalidations, invalidationPartition(distribution))).map(({ value }) => value);
    await ports.deployed();
    const { items, head } = pageOf(call, input, rows, ({ id }) => id);
    const summaries = items.map(({ id, createdAt }) => ({
      Id: id,
      CreateTime: new Date(createdAt),
      Status: 'Completed',
    }));
    return { InvalidationList: { ...head, ...(items.length > 0 && { Items: summaries }) } };
  },
});
