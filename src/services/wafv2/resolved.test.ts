/** What edge nodes are told of a web ACL: how much of a body its rules see. */
import { expect, test } from 'vitest';
import { benchAcl, wafBench } from '../../../test/support/waf-bench.ts';
import { resolveWebAcl } from './resolved.ts';

test.each([
  ['REGIONAL', undefined, 8_192],
  ['REGIONAL', { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_64' } }, 8_192],
  ['REGIONAL', { API_GATEWAY: { DefaultSizeInspectionLimit: 'KB_64' } }, 8_192],
  ['CLOUDFRONT', undefined, 16_384],
  ['CLOUDFRONT', { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_16' } }, 16_384],
  ['CLOUDFRONT', { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_32' } }, 32_768],
  ['CLOUDFRONT', { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_48' } }, 49_152],
  ['CLOUDFRONT', { CLOUDFRONT: { DefaultSizeInspectionLimit: 'KB_64' } }, 65_536],
  ['CLOUDFRONT', { API_GATEWAY: { DefaultSizeInspectionLimit: 'KB_64' } }, 16_384],
] as const)('%s, with %j: %i bytes of a body', async (Scope, RequestBody, bytes) => {
  const bench = wafBench();
  const acl = await benchAcl(bench, { Scope, ...(RequestBody && { AssociationConfig: { RequestBody } }) });
  expect((await resolveWebAcl(bench.store, acl.arn, bench.now))?.inspectedBodyBytes).toBe(bytes);
});
