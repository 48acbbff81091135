/** Which account a call of the Account API is about: the caller's own, as there is no organization. */
import { AwsError, type Check, type CheckCall, type ConditionValues } from '../service.ts';
import { type AccountRow, accounts } from './state.ts';

/**
 * The check of an action on an account. `AccountId` may be left out for one's own account; any other belongs to an
 * organization, which the caller's account is not in.
 */
export function accountCheck(
  call: CheckCall,
  action: string,
  accountId: string | undefined,
  context?: ConditionValues,
): readonly Check[] {
  const { account } = call.scope;
  const own = accountId === undefined || accountId === account;
  const arn = own ? `arn:aws:account::${account}:account` : `arn:aws:account::${account}:account/o-none/${accountId}`;
  return [context ? { action, resource: { arn, account }, context } : { action, resource: { arn, account } }];
}

/** The row of the account that a call is about. @throws AwsError AccessDeniedException for any other account */
export async function targetAccount(call: CheckCall, accountId: string | undefined): Promise<AccountRow> {
  const { account } = call.scope;
  if (accountId !== undefined && accountId !== account) {
    throw new AwsError(
      'AccessDeniedException',
      'The AccountId parameter can name another account only from the management account of its organization.',
      { status: 403 },
    );
  }
  const row = await call.change.get(accounts, '', account);
  if (!row) throw new AwsError('ResourceNotFoundException', `There is no account ${account}.`, { status: 404 });
  return row;
}
