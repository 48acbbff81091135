/** GetKeyLastUsage: when a key last did cryptographic work, and what it did. */
import type { GetKeyLastUsageRequest, GetKeyLastUsageResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { findKey } from '../find-key.ts';
import { lastUse } from '../last-usage.ts';
import type { KmsPorts } from '../ports.ts';
import { noteKey } from '../use.ts';

export const GetKeyLastUsage = operation<GetKeyLastUsageRequest, GetKeyLastUsageResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'GetKeyLastUsage' }),
  ],
  async handle(input, call, ports) {
    const found = await findKey(call, input.KeyId, false);
    const { key, arn } = found;
    const last = await lastUse(ports, found);
    noteKey(call, found);
    return {
      KeyId: arn,
      KeyLastUsage: last
        ? {
            Operation: last.eventName as 'Encrypt',
            Timestamp: new Date(last.eventTime),
            CloudTrailEventId: last.eventID,
            ...(last.requestID !== undefined && { KmsRequestId: last.requestID }),
          }
        : {},
      // Every use is on record from the first day of a key.
      TrackingStartDate: new Date(key.createdAt),
      KeyCreationDate: new Date(key.createdAt),
    };
  },
});
