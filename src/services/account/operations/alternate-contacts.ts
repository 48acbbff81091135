/** GetAlternateContact, PutAlternateContact and DeleteAlternateContact: who else hears about billing, operations, security. */
import type {
  AlternateContactType,
  DeleteAlternateContactRequest,
  GetAlternateContactRequest,
  GetAlternateContactResponse,
  PutAlternateContactRequest,
} from '@aws-sdk/client-account';
import { AwsError, type Check, type CheckCall, operation } from '../../service.ts';
import type { AccountPorts } from '../ports.ts';
import { alternateContacts } from '../state.ts';
import { accountCheck, targetAccount } from '../target.ts';

type About = {
  readonly AccountId?: string | undefined;
  readonly AlternateContactType?: AlternateContactType | undefined;
};

function checks(action: string): (input: About, call: CheckCall) => readonly Check[] {
  return (input, call) =>
    accountCheck(call, action, input.AccountId, {
      'account:AlternateContactTypes': [input.AlternateContactType ?? ''],
    });
}

const missing = (type: string): AwsError =>
  new AwsError('ResourceNotFoundException', `No contact of the inputted alternate contact type ${type} found.`, {
    status: 404,
  });

export const GetAlternateContact = operation<GetAlternateContactRequest, GetAlternateContactResponse, AccountPorts>({
  checks: checks('account:GetAlternateContact'),
  async handle(input, call) {
    const { id } = await targetAccount(call, input.AccountId);
    const type = input.AlternateContactType as AlternateContactType;
    const row = await call.change.get(alternateContacts, id, type);
    if (!row) throw missing(type);
    return {
      AlternateContact: {
        AlternateContactType: type,
        Name: row.name,
        Title: row.title,
        EmailAddress: row.email,
        PhoneNumber: row.phone,
      },
    };
  },
});

export const PutAlternateContact = operation<PutAlternateContactRequest, object, AccountPorts>({
  checks: checks('account:PutAlternateContact'),
  async handle(input, call) {
    const { id } = await targetAccount(call, input.AccountId);
    call.change.put(alternateContacts, id, input.AlternateContactType as string, {
      name: input.Name as string,
      title: input.Title as string,
      email: input.EmailAddress as string,
      phone: input.PhoneNumber as string,
    });
    return {};
  },
});

export const DeleteAlternateContact = operation<DeleteAlternateContactRequest, object, AccountPorts>({
  checks: checks('account:DeleteAlternateContact'),
  async handle(input, call) {
    const { id } = await targetAccount(call, input.AccountId);
    const type = input.AlternateContactType as string;
    if (!(await call.change.get(alternateContacts, id, type))) throw missing(type);
    call.change.delete(alternateContacts, id, type);
    return {};
  },
});
