/** Signing in with a password, and a code where a device is enabled: one answer and one amount of work for every wrong form, and a record of each attempt. */
import { type SignInEvent, signInEntry } from '../../events/sign-in.ts';
import { AwsError, type Call, type Check, type Session } from '../service.ts';
import type { Attempt } from './attempts.ts';
import type { Identity, Named, SignInPorts } from './ports.ts';
import type { SignInOutput } from './schema.ts';

/** As long as a session of AWS's console. */
const sessionSeconds = 12 * 3_600;
/** Longer than anything that is ever right, and short enough to stretch. */
const longestField = 1_024;

/** A filled-in form. */
export interface SignInForm {
  readonly password: string;
  readonly newPassword?: string | undefined;
  /** What an MFA device shows. */
  readonly mfaCode?: string | undefined;
  /** Counts failures for whom the form names, whether it exists or not. */
  key(named: Named): string;
  find(call: Call): Promise<Named>;
}

/** Nobody's permission is asked: the password decides. `account` is '' as nobody is known yet. */
export function signInCheck(operation: 'SignInRootUser' | 'SignInUser'): readonly Check[] {
  return [{ action: `bailey:${operation}`, resource: { arn: '*', account: '' }, unconditional: true }];
}

/** @throws ValidationException for an empty field and one that is too long; never shows its value */
export function field(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || value.length > longestField) {
    throw invalid(`${name} must have 1 to ${longestField} characters.`);
  }
  return value;
}

/**
 * @throws AccessDeniedException, TooManyRequestsException, MfaRequiredException, PasswordResetRequiredException,
 * PasswordPolicyViolation
 */
export async function signIn(form: SignInForm, call: Call, ports: SignInPorts): Promise<SignInOutput> {
  const named = await form.find(call);
  const kept = named.identity?.password;
  // A form is tried once, though the handler may run again; a password that was changed meanwhile is another one, and
  // a code that somebody else has used meanwhile is tried again.
  const outcome = await call.once(`try ${kept?.hash ?? ''} ${named.identity?.devices ?? ''}`, () =>
    ports.attempts.take({ identity: form.key(named), sourceIp: call.connection.sourceIp }, call.now, () =>
      attempt(form, named, call, ports),
    ),
  );
  if (outcome === 'locked' || outcome === 'busy') {
    refused(ports, call, `sign-in-${outcome}`);
    throw new AwsError('TooManyRequestsException', 'Too many attempts to sign in. Please try again later.', {
      status: 429,
    });
  }
  const { identity } = named;
  if (outcome === 'unfinished') throw await challenged(ports, call, named);
  if (outcome !== true || identity === undefined) {
    const unknown = named.account !== undefined && identity === undefined;
    const reason = unknown ? 'No username found in supplied account' : 'Failed authentication';
    throw await failed(ports, call, named, reason, incorrect(), outcome === 'wrong-code');
  }
  const withMfa = identity.devices !== undefined;
  try {
    if (!withMfa && form.mfaCode !== undefined) throw invalid('MfaCode is for identities with an enabled MFA device.');
    await renewed(form, identity, call, ports);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw await failed(ports, call, named, error.message, error, withMfa);
  }
  // In the commit that gives the session: of two sign-ins with one code, the second runs again and is refused.
  const device = withMfa
    ? await ports.codes.use(call.change, identity.principal, form.mfaCode ?? '', call.now)
    : undefined;
  if (withMfa && device === undefined) {
    throw await failed(ports, call, named, 'Failed authentication', incorrect(), true);
  }
  await ports.passwords.used(call.change, identity, call.now);
  call.change.append(entry(call, named, 'ConsoleLogin', { withMfa, device }));
  const issuedAt = Math.floor(call.now / 1000) * 1000;
  const session: Session = {
    kind: 'sign-in',
    issuedAt,
    expiresAt: issuedAt + sessionSeconds * 1000,
    ...(withMfa && { mfaAuthenticatedAt: issuedAt }),
  };
  return ports.issue(call, identity.principal, session);
}

/** The code is looked at when the password is right, so that no code tells anything without it. */
async function attempt(form: SignInForm, { identity }: Named, call: Call, ports: SignInPorts): Promise<Attempt> {
  if (!(await ports.passwords.verify(form.password, identity?.password))) return false;
  if (identity?.devices === undefined) return true;
  if (form.mfaCode === undefined) return 'unfinished';
  const right = await ports.codes.isRight(call.change, identity.principal, form.mfaCode, call.now);
  return right || 'wrong-code';
}

/** The password was right, and a code is asked for: that is on record, as it tells of a password in use. */
async function challenged(ports: SignInPorts, call: Call, named: Named): Promise<AwsError> {
  const change = ports.store.begin();
  change.append(entry(call, named, 'CheckMfa'));
  await ports.store.commit(change);
  return new AwsError('MfaRequiredException', 'Multi-factor authentication: sign in again with an MfaCode.', {
    status: 400,
  });
}

/** Where the password must be changed, signing in changes it; nowhere else. */
async function renewed(form: SignInForm, identity: Identity, call: Call, ports: SignInPorts): Promise<void> {
  const { newPassword } = form;
  if (identity.renewal === 'expired') {
    throw resetRequired('Your password has expired. Contact your administrator to have it reset.');
  }
  if (identity.renewal === 'none') {
    if (newPassword === undefined) return;
    throw invalid('NewPassword is for passwords that must be changed: use ChangePassword.');
  }
  if (newPassword === undefined) {
    throw resetRequired('You must change your password to continue: sign in again with a NewPassword.');
  }
  if (newPassword === form.password) {
    throw new AwsError('PasswordPolicyViolation', 'The new password must not be the old one.', { status: 400 });
  }
  await ports.passwords.renew(call.change, identity, newPassword, call);
  call.change.append(entry(call, { account: identity.principal.account, identity }, 'PasswordUpdated'));
}

/** Leaves the record of a failure behind, durable before the answer, and returns the error to answer with. */
async function failed(
  ports: SignInPorts,
  call: Call,
  named: Named,
  reason: string,
  error: AwsError,
  withMfa: boolean,
): Promise<AwsError> {
  refused(ports, call, 'sign-in-failed');
  // Written even when no account is concerned: what is written takes time, and time would tell which accounts exist.
  const change = ports.store.begin();
  change.append(entry(call, named, 'ConsoleLogin', { failure: reason, withMfa }));
  await ports.store.commit(change);
  return error;
}

function entry(
  call: Call,
  named: Named,
  name: SignInEvent['name'],
  more: Pick<SignInEvent, 'failure' | 'withMfa' | 'device'> = {},
) {
  const eventId = call.random.uuid();
  return signInEntry({
    name,
    account: named.account ?? '',
    principal: named.identity?.principal,
    ...more,
    connection: call.connection,
    now: call.now,
    // The request id finds the sign-in; what else it did is found by its event id.
    id: name === 'PasswordUpdated' ? eventId : call.requestId,
    eventId,
  });
}

function refused(ports: SignInPorts, call: Call, reason: Parameters<SignInPorts['refused']>[0]['reason']): void {
  ports.refused({ reason, connection: call.connection, requestId: call.requestId, now: call.now });
}

/** The sentence of AWS's sign-in page. */
function incorrect(): AwsError {
  return new AwsError(
    'AccessDeniedException',
    'Your authentication information is incorrect. Please try again.',
    // As other denials of JSON services.
    { status: 400 },
  );
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message, { status: 400 });
}

function resetRequired(message: string): AwsError {
  return new AwsError('PasswordResetRequiredException', message, { status: 400 });
}
