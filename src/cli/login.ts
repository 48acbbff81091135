/** `bailey login`: signs in with a password, which is asked for and never an argument, and hands out the session. */
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

/** Asks for a new password where the old one must be changed; standard input may hold it in its second line. */
async function signIn(endpoint: string, operation: string, form: object, secrets: Secrets): Promise<Session> {
  try {
    return await callUnsigned<Session>(endpoint, operation, form);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'PasswordResetRequiredException') throw error;
    if (error.message.includes('expired')) throw error;
    const NewPassword = await secrets.ask('The password must be changed. New password: ');
    if (!NewPassword) throw error;
    const again = await secrets.ask('New password, again: ');
    if (again !== undefined && again !== NewPassword) throw new Error('The two passwords differ.');
    return await callUnsigned<Session>(endpoint, operation, { ...form, NewPassword });
  }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
