/** GetContactInformation and PutContactInformation: how to reach the owner of an account. */
import type {
  GetContactInformationRequest,
  GetContactInformationResponse,
  PutContactInformationRequest,
} from '@aws-sdk/client-account';
import { AwsError, operation } from '../../service.ts';
import type { AccountPorts } from '../ports.ts';
import { accounts, type Contact } from '../state.ts';
import { accountCheck, targetAccount } from '../target.ts';

export const GetContactInformation = operation<
  GetContactInformationRequest,
  GetContactInformationResponse,
  AccountPorts
>({
  checks: (input, call) => accountCheck(call, 'account:GetContactInformation', input.AccountId),
  async handle(input, call) {
    const { contact } = await targetAccount(call, input.AccountId);
    if (!contact) {
      throw new AwsError('ResourceNotFoundException', 'No contact information has been given for this account.', {
        status: 404,
      });
    }
    return { ContactInformation: contact as GetContactInformationResponse['ContactInformation'] };
  },
});

export const PutContactInformation = operation<PutContactInformationRequest, object, AccountPorts>({
  checks: (input, call) => accountCheck(call, 'account:PutContactInformation', input.AccountId),
  async handle(input, call) {
    const row = await targetAccount(call, input.AccountId);
    call.change.put(accounts, '', row.id, { ...row, contact: { ...(input.ContactInformation as Contact) } });
    return {};
  },
});
