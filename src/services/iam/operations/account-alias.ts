/** CreateAccountAlias, DeleteAccountAlias and ListAccountAliases: an account has at most one, unique among all accounts. */
import type {
  CreateAccountAliasRequest,
  DeleteAccountAliasRequest,
  ListAccountAliasesRequest,
  ListAccountAliasesResponse,
} from '@aws-sdk/client-iam';
import { AwsError, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { accountRow } from '../entities.ts';
import { invalidInput, noSuchEntity } from '../errors.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { accountKey, accounts, aliases } from '../state.ts';

/** A new alias takes the place of the old one, which others may then have. */
export const createAccountAlias = operation<CreateAccountAliasRequest, object, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:CreateAccountAlias')],
  async handle(input, call) {
    const { account } = call.scope;
    const alias = input.AccountAlias;
    // Where people sign in, either is taken: such an alias would be mistaken for an account id.
    if (/^\d{12}$/.test(alias)) throw invalidInput('The account alias must not be a 12-digit number.');
    const row = await accountRow(call.change, account);
    const holder = await call.change.get(aliases, '', alias);
    if (holder) {
      throw new AwsError('EntityAlreadyExists', `The account alias ${alias} already exists.`, { status: 409 });
    }
    if (row.alias !== undefined) call.change.delete(aliases, '', row.alias);
    call.change.put(aliases, '', alias, { account });
    call.change.put(accounts, account, accountKey, { ...row, alias });
    return {};
  },
});

export const deleteAccountAlias = operation<DeleteAccountAliasRequest, object, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:DeleteAccountAlias')],
  async handle(input, call) {
    const { account } = call.scope;
    const { alias, ...rest } = await accountRow(call.change, account);
    if (alias === undefined || alias !== input.AccountAlias) {
      throw noSuchEntity(`The account alias with name ${input.AccountAlias} cannot be found.`);
    }
    call.change.delete(aliases, '', alias);
    call.change.put(accounts, account, accountKey, rest);
    return {};
  },
});

export const listAccountAliases = operation<ListAccountAliasesRequest, ListAccountAliasesResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListAccountAliases')],
  async handle(input, call) {
    const { alias } = await accountRow(call.change, call.scope.account);
    const { items, rest } = pageOf(call, input, alias === undefined ? [] : [alias], (name) => name);
    return { AccountAliases: items, ...rest };
  },
});
