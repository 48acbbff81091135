/** What Bailey's own API asks of the instance. */
import type { Change, Reader, Store } from '../../store/store.ts';
import type { Call, Connection, Principal, Session } from '../service.ts';
import type { Attempts } from './attempts.ts';
import type { SignInOutput } from './schema.ts';

/** Somebody who may have a password. */
export interface Identity {
  readonly principal: Extract<Principal, { readonly kind: 'root' | 'user' }>;
  /** As it is kept; undefined: there is none, or the account is closed. */
  readonly password: { readonly method: string; readonly salt: string; readonly hash: string } | undefined;
  /** `due`: it must be changed to sign in. `expired`: an administrator must set another. */
  readonly renewal: 'none' | 'due' | 'expired';
  /** State of the enabled MFA devices: another after each code that was used. Undefined: there are none. */
  readonly devices?: string | undefined;
}

/** What a sign-in form names. */
export interface Named {
  /** Undefined: there is no such account. */
  readonly account: string | undefined;
  /** Undefined: the account has no such user. */
  readonly identity: Identity | undefined;
}

/** Who has which password, answered by IAM and the account service. */
interface Passwords {
  rootWithEmail(reader: Reader, email: string): Promise<Named>;
  /** @param account id or alias; times are epoch milliseconds */
  userNamed(reader: Reader, account: string, name: string, now: number): Promise<Named>;
  /** Takes the same time for a password that does not exist. */
  verify(password: string, kept: Identity['password']): Promise<boolean>;
  /** Notes the use of the password (PasswordLastUsed), at most every five minutes. */
  used(change: Change, identity: Identity, now: number): Promise<void>;
  /** @throws PasswordPolicyViolation */
  renew(
    change: Change,
    identity: Identity,
    password: string,
    call: Pick<Call, 'once' | 'random' | 'now'>,
  ): Promise<void>;
}

/** One-time codes of MFA devices, answered by IAM. */
interface Codes {
  isRight(reader: Reader, principal: Identity['principal'], code: string, now: number): Promise<boolean>;
  /** Uses the code up; the serial number of its device, or undefined when it is not right any more. */
  use(change: Change, principal: Identity['principal'], code: string, now: number): Promise<string | undefined>;
}

export interface SignInPorts {
  readonly passwords: Passwords;
  readonly codes: Codes;
  readonly attempts: Attempts;
  /** For the records of failures, which a refused call must leave behind. */
  readonly store: Pick<Store, 'begin' | 'commit'>;
  /** Temporary credentials of an account's root user or user. */
  issue(call: Pick<Call, 'random' | 'sealer'>, principal: Identity['principal'], session: Session): SignInOutput;
  /** Counts a refusal in the instance's security log. */
  refused(refusal: Refusal): void;
}

interface Refusal {
  readonly reason: 'sign-in-failed' | 'sign-in-locked' | 'sign-in-busy';
  readonly connection: Connection;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What web ACLs did and would do, answered by AWS WAF. */
export interface Firewall {
  /** Why an edge node stopped a request, or let it through; undefined: the account knows of none. */
  explain(
    call: Pick<Call, 'change' | 'now' | 'caller'>,
    requestId: string,
  ): Promise<{ readonly explanation: object; readonly text: string } | undefined>;
  replay(
    call: Call,
    input: { readonly webAclArn: string; readonly definition: string; readonly log?: string | undefined },
  ): Promise<{ readonly replayed: number; readonly text: string }>;
  createManagedRuleSet(
    call: Call,
    wanted: {
      readonly name: string;
      readonly scope: 'REGIONAL' | 'CLOUDFRONT';
      readonly vendor: string;
      readonly description?: string | undefined;
    },
  ): Promise<{ readonly id: string; readonly arn: string; readonly lockToken: string }>;
}

export interface BaileyPorts {
  readonly signIn: SignInPorts;
  readonly firewall: Firewall;
  /** The body of a stored call by request id, with the account whose record it is. */
  findCall(requestId: string): Promise<{ readonly account: string; readonly body: Uint8Array } | undefined>;
  /** Bodies of the newest calls of an account, newest first, over all regions and both kinds of event. */
  recentCalls(account: string, limit: number): AsyncIterable<Uint8Array>;
  /** Operations per service: built ones, and those that only the API model knows. */
  coverage(): Promise<
    Readonly<Record<string, { readonly built: readonly string[]; readonly missing: readonly string[] }>>
  >;
  /** The nearest known action to one that does not exist, such as s3:ListBucket for s3:ListObject. */
  hintForAction?(action: string): string | undefined;
}
