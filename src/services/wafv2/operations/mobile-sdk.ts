/** Releases of AWS's mobile SDK, which speaks to AWS alone: an instance of Bailey has none to give away. */
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
import { invalidOperation, nonexistentItem } from '../errors.ts';
import type { WafPorts } from '../ports.ts';

export const ListMobileSdkReleases = operation<ListMobileSdkReleasesRequest, ListMobileSdkReleasesResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListMobileSdkReleases')],
  handle: () => {
    throw invalidOperation(
      'The operation isn’t valid: Bailey has no mobile SDK. Pages use the challenge of a web ACL.',
    );
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
