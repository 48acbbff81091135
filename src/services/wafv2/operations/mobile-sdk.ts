/** Releases of AWS's mobile SDK, which speaks to AWS alone: an instance of Bailey has none, and says so. */
import type {
  GenerateMobileSdkReleaseUrlRequest,
  GenerateMobileSdkReleaseUrlResponse,
  GetMobileSdkReleaseRequest,
  GetMobileSdkReleaseResponse,
  ListMobileSdkReleasesRequest,
  ListMobileSdkReleasesResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { nonexistentItem } from '../errors.ts';
import { page } from '../pages.ts';
import type { WafPorts } from '../ports.ts';

export const ListMobileSdkReleases = operation<ListMobileSdkReleasesRequest, ListMobileSdkReleasesResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListMobileSdkReleases')],
  async handle(input, call) {
    const { rest } = await page(call, input, input.Platform ?? '', () => []);
    return { ReleaseSummaries: [], ...rest };
  },
});

export const GetMobileSdkRelease = operation<GetMobileSdkReleaseRequest, GetMobileSdkReleaseResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'GetMobileSdkRelease')],
  handle: () => {
    throw nonexistentItem();
  },
});

export const GenerateMobileSdkReleaseUrl = operation<
  GenerateMobileSdkReleaseUrlRequest,
  GenerateMobileSdkReleaseUrlResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'GenerateMobileSdkReleaseUrl')],
  handle: () => {
    throw nonexistentItem();
  },
  record: { readOnly: true },
});
