/** ChangePassword: a user replaces its own password, knowing the old one. */
import type { ChangePasswordRequest } from '@aws-sdk/client-iam';
import { AwsError, operation } from '../../service.ts';
import { subjectCheck } from '../checks.ts';
import { accountRow, subjectOf, userNamed } from '../entities.ts';
import { noSuchEntity } from '../errors.ts';
import { hashPassword, verifyPassword, withPassword } from '../passwords.ts';
import type { IamPorts } from '../ports.ts';
import { rowId, users } from '../state.ts';

export const changePassword = operation<ChangePasswordRequest, object, IamPorts>({
  async checks(_input, call) {
    const { principal } = call.caller;
    if (principal.kind !== 'user') throw notAUser();
    return [await subjectCheck(call, 'iam:ChangePassword', subjectOf(call, undefined))];
  },
  record: { hide: ['OldPassword', 'NewPassword'] },
  async handle(input, call) {
    const { account } = call.scope;
    const { principal } = call.caller;
    if (principal.kind !== 'user') throw notAUser();
    const row = await userNamed(call.change, account, principal.name);
    const { login } = row;
    if (!login) throw noSuchEntity(`Login Profile for User ${row.name} cannot be found.`);
    if (!(await verifyPassword(input.OldPassword, login.password))) {
      throw new AwsError('AccessDenied', 'The old password was not correct.', { status: 403 });
    }
    const policy = (await accountRow(call.change, account)).passwordPolicy;
    const hash = () => call.once('password', () => hashPassword(input.NewPassword, call.random));
    const changed = await withPassword(login, input.NewPassword, policy, hash, call.now);
    call.change.put(users, account, rowId(row.name), { ...row, login: { ...changed, resetRequired: false } });
    return {};
  },
});

function notAUser(): AwsError {
  return new AwsError('InvalidUserType', 'Only IAM Users can change their own password', { status: 400 });
}
