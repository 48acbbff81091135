/** What signing in asks of the instance: emails and states of accounts, IAM's passwords and codes, STS's credentials. */
import { accounts, emails } from '../services/account/state.ts';
import { type Attempts, rootKey, userKey } from '../services/bailey/attempts.ts';
import type { Named, SignInPorts } from '../services/bailey/ports.ts';
import type { SignInOutput } from '../services/bailey/schema.ts';
import { codeIsRight, hasDevice, useCode } from '../services/iam/mfa/verification.ts';
import {
  accountWithAlias,
  passwordUsed,
  renewPassword,
  rootIdentity,
  userIdentity,
  verifyOrPretend,
} from '../services/iam/sign-in-port.ts';
import { issueCredentials } from '../services/sts/credentials.ts';
import type { StsPorts } from '../services/sts/ports.ts';
import type { Reader, Store } from '../store/store.ts';

const nobody: Named = { account: undefined, identity: undefined };

export function signInPorts(
  store: Store,
  sts: Pick<StsPorts, 'accessKeys'>,
  attempts: Attempts,
  refused: SignInPorts['refused'],
): SignInPorts {
  return {
    passwords: {
      async rootWithEmail(reader, email) {
        const holder = await reader.get(emails, '', email.trim().toLowerCase());
        return holder ? standing(reader, holder.account, await rootIdentity(reader, holder.account)) : nobody;
      },
      async userNamed(reader, given, name, now) {
        const id = /^\d{12}$/.test(given) ? given : await accountWithAlias(reader, given);
        return id === undefined ? nobody : standing(reader, id, await userIdentity(reader, id, name, now));
      },
      verify: verifyOrPretend,
      used: passwordUsed,
      renew: renewPassword,
    },
    codes: { isRight: codeIsRight, use: useCode },
    attempts,
    store,
    issue(call, principal, session) {
      const { Credentials } = issueCredentials(call, sts, principal.account, principal, session);
      return Credentials as SignInOutput;
    },
    refused,
  };
}

/** Nobody signs in to an account that does not exist or is closed. */
async function standing(reader: Reader, account: string, identity: Named['identity']): Promise<Named> {
  const row = await reader.get(accounts, '', account);
  if (!row) return nobody;
  return { account, identity: identity && (row.state === 'ACTIVE' ? identity : { ...identity, password: undefined }) };
}

/** Codes that come with calls of STS are counted as those of the sign-in form are: guessing has one count. */
export function codesForSts(attempts: Attempts): StsPorts['codes'] {
  return {
    async attempt(call, principal, serial, code) {
      if (!(await hasDevice(call.change, principal, serial))) return 'unknown-device';
      const { account } = principal;
      const email = (await call.change.get(accounts, '', account))?.email ?? account;
      const identity = principal.kind === 'root' ? rootKey(email) : userKey(account, principal.name);
      const keys = { identity, sourceIp: call.connection.sourceIp };
      return attempts.take(keys, call.now, () => codeIsRight(call.change, principal, code, call.now, serial));
    },
    use: useCode,
  };
}
