/** SignInRootUser and SignInUser: temporary credentials for a password (and a code), as the sign-in page of AWS's console gives them. */
import { operation } from '../../service.ts';
import { rootKey, userKey } from '../attempts.ts';
import type { BaileyPorts } from '../ports.ts';
import type { SignInOutput, SignInRootUserInput, SignInUserInput } from '../schema.ts';
import { field, signIn, signInCheck } from '../sign-in.ts';

const record = { own: true, hide: ['Password', 'NewPassword', 'MfaCode'] } as const;

export const SignInRootUser = operation<SignInRootUserInput, SignInOutput, BaileyPorts>({
  allowsAnonymous: true,
  record,
  checks: () => signInCheck('SignInRootUser'),
  handle(input, call, ports) {
    const email = field('Email', input.Email).trim();
    const form = {
      password: field('Password', input.Password),
      mfaCode: input.MfaCode === undefined ? undefined : field('MfaCode', input.MfaCode),
      key: () => rootKey(email),
      find: () => ports.signIn.passwords.rootWithEmail(call.change, email),
    };
    return signIn(form, call, ports.signIn);
  },
});

export const SignInUser = operation<SignInUserInput, SignInOutput, BaileyPorts>({
  allowsAnonymous: true,
  record,
  checks: () => signInCheck('SignInUser'),
  handle(input, call, ports) {
    const account = field('Account', input.Account);
    const name = field('UserName', input.UserName);
    const form = {
      password: field('Password', input.Password),
      newPassword: input.NewPassword === undefined ? undefined : field('NewPassword', input.NewPassword),
      mfaCode: input.MfaCode === undefined ? undefined : field('MfaCode', input.MfaCode),
      // By its id, so that an account that is named by its alias counts as the same.
      key: (named: { readonly account: string | undefined }) => userKey(named.account ?? account.toLowerCase(), name),
      find: () => ports.signIn.passwords.userNamed(call.change, account, name, call.now),
    };
    return signIn(form, call, ports.signIn);
  },
});
