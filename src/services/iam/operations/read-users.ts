/** GetUser and ListUsers. Root is no user: it is shown to itself, and listed nowhere. */
import type { GetUserRequest, GetUserResponse, ListUsersRequest, ListUsersResponse, User } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { rootArn } from '../arns.ts';
import { accountCheck, subjectCheck } from '../checks.ts';
import { accountRow, subjectOf, userNamed } from '../entities.ts';
import { pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { listedUser, shownUser } from '../shapes.ts';
import { users } from '../state.ts';
import { shownTime } from '../times.ts';

export const getUser = operation<GetUserRequest, GetUserResponse, IamPorts>({
  async checks(input, call) {
    return [await subjectCheck(call, 'iam:GetUser', subjectOf(call, input.UserName))];
  },
  async handle(input, call) {
    const { account } = call.scope;
    const subject = subjectOf(call, input.UserName);
    if (subject.kind === 'user') {
      return { User: shownUser(account, await userNamed(call.change, account, subject.name)) };
    }
    const row = await accountRow(call.change, account);
    // AWS shows root without a name and path, whatever the model requires.
    const root: Partial<User> = {
      UserId: account,
      Arn: rootArn(account),
      CreateDate: shownTime(row.createdAt),
      ...(row.root.passwordLastUsedAt !== undefined && { PasswordLastUsed: shownTime(row.root.passwordLastUsedAt) }),
    };
    return { User: root as User };
  },
});

export const listUsers = operation<ListUsersRequest, ListUsersResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListUsers')],
  async handle(input, call) {
    const { account } = call.scope;
    const prefix = input.PathPrefix ?? '/';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(users, account, { limit, ...(after !== undefined && { after }) }),
      (row) => row.path.startsWith(prefix),
    );
    return { Users: items.map((row) => listedUser(account, row)), ...rest };
  },
});
