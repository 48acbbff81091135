/** Operations that are not built are denied by the action that stands for them. */
import { expect, test } from 'vitest';
import { knownActions } from '../models/actions.ts';
import { unbuiltAction } from './unbuilt.ts';

test.each([
  ['s3', 'RestoreObject', 's3:RestoreObject'],
  ['s3', 'DeleteBucketLifecycle', 's3:PutLifecycleConfiguration'],
  ['s3', 'ListBucketInventoryConfigurations', 's3:GetInventoryConfiguration'],
  ['s3', 'DeleteBucketMetricsConfiguration', 's3:PutMetricsConfiguration'],
  ['s3', 'CreateSession', 's3express:CreateSession'],
  ['cloudfront', 'CreateDistributionWithTags', 'cloudfront:CreateDistribution'],
  ['s3', 'NoSuchOperation', undefined],
])('%s:%s stands under %s', (service, operation, action) => {
  expect(unbuiltAction(service, operation)).toBe(action);
  if (!action) return;
  const [prefix = '', name = ''] = action.split(':');
  expect(knownActions(prefix)?.get(name.toLowerCase())).toBe(name);
});
