/** DescribeOrganization: a fresh instance is one account that belongs to no organization. */
import type { DescribeOrganizationResponse } from '@aws-sdk/client-organizations';
import { AwsError, operation } from '../../service.ts';

export const DescribeOrganization = operation<object, DescribeOrganizationResponse, undefined>({
  checks: (_input, call) => [
    { action: 'organizations:DescribeOrganization', resource: { arn: '*', account: call.scope.account } },
  ],
  handle() {
    throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
  },
});
