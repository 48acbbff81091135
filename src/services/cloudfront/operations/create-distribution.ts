/** CreateDistribution and CreateDistributionWithTags. */
import type {
  CreateDistributionRequest,
  CreateDistributionResult,
  CreateDistributionWithTagsRequest,
  CreateDistributionWithTagsResult,
  DistributionConfig,
  Tag,
} from '@aws-sdk/client-cloudfront';
import { type Call, operation } from '../../service.ts';
import { on, requestTags, webAclCheck } from '../checks.ts';
import { acceptConfig } from '../configuration/accept.ts';
import { distributionExists, tooMany } from '../errors.ts';
import { newDomainName, newId } from '../identifiers.ts';
import { place } from '../placing.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { quotas } from '../quotas.ts';
import { shownDistribution } from '../shapes.ts';
import { type DistributionRow, distributions } from '../state.ts';
import { withTags } from '../tags.ts';

async function create(call: Call, config: DistributionConfig, given: readonly Tag[], ports: CloudFrontPorts) {
  const { change, scope, random, now } = call;
  const own = (await change.list(distributions, scope.account)).map(({ value }) => value);
  const same = own.find((one) => one.config.CallerReference === config.CallerReference);
  if (same) throw distributionExists(same.id);
  if (own.length >= quotas.distributions) {
    throw tooMany(
      'TooManyDistributions',
      'Processing your request would cause you to exceed the maximum number of distributions allowed.',
    );
  }
  const row: DistributionRow = {
    id: newId(random),
    account: scope.account,
    domainName: newDomainName(random),
    etag: newId(random),
    createdAt: now,
    modifiedAt: now,
    ...(await acceptConfig(config, call, ports)),
    tags: withTags({}, given),
  };
  await place(call, undefined, row);
  return {
    Distribution: shownDistribution(row, 'InProgress'),
    Location: `https://cloudfront.amazonaws.com/2020-05-31/distribution/${row.id}`,
    ETag: row.etag,
  };
}

export const CreateDistribution = operation<CreateDistributionRequest, CreateDistributionResult, CloudFrontPorts>({
  checks: async (input, call, ports) => [
    await on(call, '*'),
    ...(await webAclCheck(call, input.DistributionConfig.WebACLId, ports)),
  ],
  handle: (input, call, ports) => create(call, input.DistributionConfig, [], ports),
});

/** There is no action of its name: "requires CreateDistribution and TagResource". */
export const CreateDistributionWithTags = operation<
  CreateDistributionWithTagsRequest,
  CreateDistributionWithTagsResult,
  CloudFrontPorts
>({
  async checks({ DistributionConfigWithTags: input }, call, ports) {
    const context = requestTags(input.Tags?.Items);
    return [
      await on(call, '*', { action: 'CreateDistribution', context }),
      await on(call, '*', { action: 'TagResource', context }),
      ...(await webAclCheck(call, input.DistributionConfig?.WebACLId, ports)),
    ];
  },
  handle({ DistributionConfigWithTags: input }, call, ports) {
    return create(call, input.DistributionConfig as DistributionConfig, input.Tags?.Items ?? [], ports);
  },
});
