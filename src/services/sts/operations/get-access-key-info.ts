/** GetAccessKeyInfo: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from '@aws-sdk/client-sts';
import { operation } from '../../service.ts';
import { validationError } from '../errors.ts';
import type { StsPorts } from '../ports.ts';

export const getAccessKeyInfo = operation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, StsPorts>({
  checks: (_input, call) => [{ action: 'sts:GetAccessKeyInfo', resource: { arn: '*', account: call.scope.account } }],
  async handle(input, call, ports) {
    const account = await ports.accessKeys.accountOf(call.change, input.AccessKeyId);
    if (account === undefined) throw validationError('The access key ID is not valid.');
    return { Account: account };
  },
});
