/** CreateLoginProfile, GetLoginProfile, UpdateLoginProfile and DeleteLoginProfile: a user's password for the console. */
import type {
  CreateLoginProfileRequest,
  CreateLoginProfileResponse,
  DeleteLoginProfileRequest,
  GetLoginProfileRequest,
  GetLoginProfileResponse,
  LoginProfile,
  UpdateLoginProfileRequest,
} from '@aws-sdk/client-iam';
import { AwsError, type CheckCall, operation } from '../../service.ts';
import { subjectCheck, userCheck } from '../checks.ts';
import { accountRow, subjectOf, userNamed } from '../entities.ts';
import { noSuchEntity, validationError } from '../errors.ts';
import { checkPassword, hashPassword, withPassword } from '../passwords.ts';
import type { IamPorts } from '../ports.ts';
import { rowId, type UserRow, users } from '../state.ts';
import { shownTime } from '../times.ts';

/** "When you make this request with root user credentials, you must use an AssumeRoot session to omit the user name." */
function userNameOf(call: Pick<CheckCall, 'caller'>, userName: string | undefined): string {
  const subject = subjectOf(call, userName);
  if (subject.kind === 'user') return subject.name;
  throw validationError('Must specify userName when calling with non-User credentials');
}

function shown(row: UserRow): LoginProfile {
  if (!row.login) throw noSuchEntity(`Login Profile for User ${row.name} cannot be found.`);
  return {
    UserName: row.name,
    CreateDate: shownTime(row.login.createdAt),
    PasswordResetRequired: row.login.resetRequired,
  };
}

export const createLoginProfile = operation<CreateLoginProfileRequest, CreateLoginProfileResponse, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:CreateLoginProfile', subjectOf(call, input.UserName))],
  record: { hide: ['Password'] },
  async handle(input, call) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, userNameOf(call, input.UserName));
    if (row.login) {
      throw new AwsError('EntityAlreadyExists', `Login Profile for user ${row.name} already exists.`, { status: 409 });
    }
    const { Password: password } = input;
    if (password === undefined) throw validationError('Password is required unless the request is made by AssumeRoot.');
    checkPassword(password, (await accountRow(call.change, account)).passwordPolicy);
    const login = {
      password: await call.once('password', () => hashPassword(password, call.random)),
      createdAt: call.now,
      changedAt: call.now,
      resetRequired: input.PasswordResetRequired ?? false,
      earlier: [],
    };
    const after: UserRow = { ...row, login };
    call.change.put(users, account, rowId(row.name), after);
    return { LoginProfile: shown(after) };
  },
});

export const getLoginProfile = operation<GetLoginProfileRequest, GetLoginProfileResponse, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:GetLoginProfile', subjectOf(call, input.UserName))],
  async handle(input, call) {
    const row = await userNamed(call.change, call.scope.account, userNameOf(call, input.UserName));
    return { LoginProfile: shown(row) };
  },
});

export const updateLoginProfile = operation<UpdateLoginProfileRequest, object, IamPorts>({
  checks: async (input, call) => [await userCheck(call, 'iam:UpdateLoginProfile', input.UserName)],
  record: { hide: ['Password'] },
  async handle(input, call) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, input.UserName);
    let { login } = row;
    if (!login) throw noSuchEntity(`Login Profile for User ${row.name} cannot be found.`);
    const { Password: password } = input;
    if (password !== undefined) {
      const policy = (await accountRow(call.change, account)).passwordPolicy;
      const hash = () => call.once('password', () => hashPassword(password, call.random));
      login = await withPassword(login, password, policy, hash, call.now);
    }
    if (input.PasswordResetRequired !== undefined) login = { ...login, resetRequired: input.PasswordResetRequired };
    call.change.put(users, account, rowId(row.name), { ...row, login });
    return {};
  },
});

export const deleteLoginProfile = operation<DeleteLoginProfileRequest, object, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:DeleteLoginProfile', subjectOf(call, input.UserName))],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await userNamed(call.change, account, userNameOf(call, input.UserName));
    shown(row);
    const { login: _login, ...rest } = row;
    call.change.put(users, account, rowId(row.name), rest);
    return {};
  },
});
