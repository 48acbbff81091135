/**
 * GetPrimaryEmail, StartPrimaryEmailUpdate and AcceptPrimaryEmailUpdate: the address that the root user signs in with.
 * The change is the root user's own (root-only.ts): a code goes to the new address, a notice to the old one.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  AcceptPrimaryEmailUpdateRequest,
  AcceptPrimaryEmailUpdateResponse,
  GetPrimaryEmailRequest,
  GetPrimaryEmailResponse,
  StartPrimaryEmailUpdateRequest,
  StartPrimaryEmailUpdateResponse,
} from '@aws-sdk/client-account';
import { ConflictError } from '../../../store/store.ts';
import { AwsError, type Check, type CheckCall, operation, type Random } from '../../service.ts';
import type { AccountPorts } from '../ports.ts';
import { accounts, claimEmail, emails, releaseEmail } from '../state.ts';
import { accountCheck, targetAccount } from '../target.ts';

/** The code is good for a day and for five attempts. */
const lifetime = 24 * 60 * 60 * 1000;
const attempts = 5;
/** 32 letters and digits that cannot be mistaken for one another. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export const GetPrimaryEmail = operation<GetPrimaryEmailRequest, GetPrimaryEmailResponse, AccountPorts>({
  checks: (input, call) => accountCheck(call, 'account:GetPrimaryEmail', input.AccountId),
  async handle(input, call) {
    const row = await targetAccount(call, input.AccountId);
    return { PrimaryEmail: row.email };
  },
});

type Change = { readonly AccountId?: string | undefined; readonly PrimaryEmail?: string | undefined };

function checks(action: string): (input: Change, call: CheckCall) => readonly Check[] {
  return (input, call) => {
    const email = input.PrimaryEmail ?? '';
    return accountCheck(call, action, input.AccountId, {
      'account:EmailTargetDomain': email.slice(email.lastIndexOf('@') + 1).toLowerCase(),
    });
  };
}

export const StartPrimaryEmailUpdate = operation<
  StartPrimaryEmailUpdateRequest,
  StartPrimaryEmailUpdateResponse,
  AccountPorts
>({
  record: { hide: ['PrimaryEmail'] },
  checks: checks('account:StartPrimaryEmailUpdate'),
  async handle(input, call, ports) {
    const row = await targetAccount(call, input.AccountId);
    const email = checkedEmail(input.PrimaryEmail as string);
    const holder = await call.change.get(emails, '', email.toLowerCase());
    if (holder) {
      throw new AwsError('ConflictException', 'The email address is already associated with an account.', {
        status: 409,
      });
    }
    const code = await call.once('code', async () => {
      const made = newCode(call.random);
      await ports.mailbox.send(
        email,
        'Verify the new email address of your account',
        `The code that makes this address the root user's email of account ${row.id} is ${made}. It is valid for 24 hours.`,
      );
      await ports.mailbox.send(
        row.email,
        'The email address of your account is about to change',
        `The root user of account ${row.id} asked to change its email address. If this was not you, secure the root user.`,
      );
      return made;
    });
    call.change.put(accounts, '', row.id, {
      ...row,
      pendingEmail: { email, codeHash: hashOf(row.id, code), expiresAt: call.now + lifetime, failures: 0 },
    });
    return { Status: 'PENDING' };
  },
});

export const AcceptPrimaryEmailUpdate = operation<
  AcceptPrimaryEmailUpdateRequest,
  AcceptPrimaryEmailUpdateResponse,
  AccountPorts
>({
  record: { hide: ['PrimaryEmail', 'Otp'] },
  checks: checks('account:AcceptPrimaryEmailUpdate'),
  async handle(input, call, ports) {
    const row = await targetAccount(call, input.AccountId);
    const { pendingEmail: pending, ...settled } = row;
    const email = (input.PrimaryEmail as string).trim();
    if (!pending || pending.expiresAt <= call.now || pending.email.toLowerCase() !== email.toLowerCase()) {
      throw new AwsError('ResourceNotFoundException', 'No change to this email address is pending.', { status: 404 });
    }
    if (pending.failures >= attempts) {
      throw new AwsError('TooManyRequestsException', 'Too many wrong codes: start the change again.', { status: 429 });
    }
    if (!timingSafeEqual(Buffer.from(hashOf(row.id, input.Otp as string)), Buffer.from(pending.codeHash))) {
      // A refusal writes nothing of its call, so the failed attempt is a commit of its own.
      await call.once('failure', () => countFailure(ports, row.id));
      throw new AwsError('AccessDeniedException', 'The code is not the one that was sent.', { status: 403 });
    }
    await claimEmail(call.change, pending.email, row.id);
    releaseEmail(call.change, row.email);
    call.change.put(accounts, '', row.id, { ...settled, email: pending.email });
    return { Status: 'ACCEPTED' };
  },
});

async function countFailure(ports: AccountPorts, account: string): Promise<void> {
  for (;;) {
    const change = ports.store.begin();
    const row = await change.get(accounts, '', account);
    if (!row?.pendingEmail) return;
    const pendingEmail = { ...row.pendingEmail, failures: row.pendingEmail.failures + 1 };
    change.put(accounts, '', account, { ...row, pendingEmail });
    try {
      return await ports.store.commit(change);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

function checkedEmail(text: string): string {
  const email = text.trim();
  const at = email.lastIndexOf('@');
  const plain = !/[\s\p{Cc}<>,;:"()[\]\\]/u.test(email);
  if (at < 1 || !plain || !email.slice(at + 1).includes('.') || email.endsWith('.')) {
    throw new AwsError('ValidationException', 'The email address is not valid.', { status: 400 });
  }
  return email;
}

function newCode(random: Random): string {
  let code = '';
  for (const byte of random.bytes(6)) code += alphabet[byte % alphabet.length];
  return code;
}

function hashOf(account: string, code: string): string {
  return createHash('sha256').update(`${account}\0${code.toUpperCase()}`).digest('hex');
}
