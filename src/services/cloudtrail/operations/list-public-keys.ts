/** ListPublicKeys: the keys that verify digests, PKCS#1 DER. */
import type { ListPublicKeysRequest, ListPublicKeysResponse } from '@aws-sdk/client-cloudtrail';
import { AwsError, operation } from '../../service.ts';
import { refuseToken } from '../errors.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { signingKeys } from '../state.ts';

export const ListPublicKeys = operation<ListPublicKeysRequest, ListPublicKeysResponse, CloudTrailPorts>({
  checks: (_input, call) => [
    { action: 'cloudtrail:ListPublicKeys', resource: { arn: '*', account: call.scope.account } },
  ],
  async handle(input, call) {
    refuseToken(input.NextToken);
    // Without a start the keys of the last hour's digests; without an end those until now (API Reference).
    const to = input.EndTime?.getTime() ?? call.now;
    const from = input.StartTime?.getTime() ?? Math.min(to, call.now) - 3_600_000;
    if (from > to) throw new AwsError('InvalidTimeRangeException', 'The start time must not be after the end time.');
    const keys = await call.change.list(signingKeys, call.scope.region);
    return {
      PublicKeyList: keys
        .filter(({ value }) => value.validFrom <= to && value.validTo >= from)
        .map(({ id, value }) => ({
          Fingerprint: id,
          Value: new Uint8Array(Buffer.from(value.publicKey, 'base64')),
          ValidityStartTime: new Date(value.validFrom),
          ValidityEndTime: new Date(value.validTo),
        })),
    };
  },
});
