/** GetAccountInformation and PutAccountName: what an account is called. */
import type {
  GetAccountInformationRequest,
  GetAccountInformationResponse,
  PutAccountNameRequest,
} from '@aws-sdk/client-account';
import { operation } from '../../service.ts';
import type { AccountPorts } from '../ports.ts';
import { accounts } from '../state.ts';
import { accountCheck, targetAccount } from '../target.ts';

export const GetAccountInformation = operation<
  GetAccountInformationRequest,
  GetAccountInformationResponse,
  AccountPorts
>({
  checks: (input, call) => accountCheck(call, 'account:GetAccountInformation', input.AccountId),
  async handle(input, call) {
    const row = await targetAccount(call, input.AccountId);
    return {
      AccountId: row.id,
      AccountName: row.name,
      AccountCreatedDate: new Date(row.createdAt),
      AccountState: row.state,
    };
  },
});

export const PutAccountName = operation<PutAccountNameRequest, object, AccountPorts>({
  checks: (input, call) => accountCheck(call, 'account:PutAccountName', input.AccountId),
  async handle(input, call) {
    const row = await targetAccount(call, input.AccountId);
    call.change.put(accounts, '', row.id, { ...row, name: input.AccountName as string });
    return {};
  },
});
