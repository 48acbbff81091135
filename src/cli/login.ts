/** `bailey login`: signs in with a password and a code, asked for and never arguments, and hands out the session. */
import { ApiError, callUnsigned, filesOf, readEndpoint } from './api.ts';
import { type SessionKeys, writeProfile } from './credentials-profile.ts';
import { type Secrets, secretsFrom } from './secret-input.ts';

export interface LoginOptions {
  readonly email?: string;
  readonly account?: string;
  readonly user?: string;
  readonly profile?: string;
  readonly data: string;
}

interface Session extends SessionKeys {
  /** Epoch seconds. */
  readonly Expiration: number;
}

export async function login(options: LoginOptions): Promise<number> {
  const { operation, who } = whom(options);
  const { endpoint } = readEndpoint(process.env, options.data);
  requirePrivacy(new URL(endpoint));
  const secrets = secretsFrom(process.stdin, process.stderr);
  const Password = await secrets.ask('Password: ');
  if (!Password) throw new Error('There was no password: give it on standard input, or at the terminal.');
  const session = await signIn(endpoint, operation, { ...who, Password }, secrets);
  const until = new Date(session.Expiration * 1000).toISOString();
  if (options.profile === undefined) {
    console.log(
      [
        `export AWS_ACCESS_KEY_ID=${quoted(session.AccessKeyId)}`,
        `export AWS_SECRET_ACCESS_KEY=${quoted(session.SecretAccessKey)}`,
        `export AWS_SESSION_TOKEN=${quoted(session.SessionToken)}`,
        `export AWS_ENDPOINT_URL=${quoted(endpoint)}`,
      ].join('\n'),
    );
    console.error(`Signed in until ${until}.`);
    return 0;
  }
  const path = filesOf(process.env, options.data).credentials;
  writeProfile(path, options.profile, session);
  console.log(`Signed in until ${until}: profile ${options.profile} in ${path}`);
  console.log(`  export AWS_PROFILE=${options.profile} AWS_ENDPOINT_URL=${quoted(endpoint)}`);
  return 0;
}

/** Whoever listens on the way would have the password. */
function requirePrivacy({ protocol, hostname }: URL): void {
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
  if (protocol === 'https:' || here) return;
  throw new Error(`A password is sent by https or within this machine only, not to ${protocol}//${hostname}.`);
}

/** A root user is named by its email, a user by account and name: one of the two, and whole. */
function whom({ email, account, user }: LoginOptions): { operation: string; who: object } {
  if (email !== undefined && account === undefined && user === undefined) {
    return { operation: 'SignInRootUser', who: { Email: email } };
  }
  if (email === undefined && account !== undefined && user !== undefined) {
    return { operation: 'SignInUser', who: { Account: account, UserName: user } };
  }
  throw new Error('Say who signs in: --email for a root user, or --account and --user for an IAM user.');
}

/** Asks for what else is needed, in this order: a code, a new password; standard input may hold each in a line. */
async function signIn(endpoint: string, operation: string, form: object, secrets: Secrets): Promise<Session> {
  const call = (more: object) => callUnsigned<Session>(endpoint, operation, { ...form, ...more });
  try {
    return await call({});
  } catch (error) {
    if (!isRefusal(error, 'MfaRequiredException')) return changePassword(error, call, secrets);
    const MfaCode = (await secrets.ask('MFA code: '))?.trim();
    if (!MfaCode) throw error;
    const withCode = (more: object) => call({ ...more, MfaCode });
    return await withCode({}).catch((refusal: unknown) => changePassword(refusal, withCode, secrets));
  }
}

/** Where the old password must be changed; any other refusal stays one. */
async function changePassword(
  refusal: unknown,
  call: (more: object) => Promise<Session>,
  secrets: Secrets,
): Promise<Session> {
  if (!isRefusal(refusal, 'PasswordResetRequiredException') || refusal.message.includes('expired')) throw refusal;
  const NewPassword = await secrets.ask('The password must be changed. New password: ');
  if (!NewPassword) throw refusal;
  const again = await secrets.ask('New password, again: ');
  if (again !== undefined && again !== NewPassword) throw new Error('The two passwords differ.');
  return call({ NewPassword });
}

function isRefusal(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
