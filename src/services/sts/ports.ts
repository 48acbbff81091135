/** What STS asks of others: roles, access keys and managed policies, answered by IAM and bound in the composition root. */
import type { Change, Reader } from '../../store/store.ts';
import type { CheckCall, Principal, Random } from '../service.ts';

/** A role as far as assuming it needs it. */
export interface Role {
  readonly account: string;
  readonly name: string;
  /** `AROA…` */
  readonly id: string;
  readonly arn: string;
  readonly trust: { readonly document: string; readonly principalIds: Readonly<Record<string, string>> };
  readonly maxSessionSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly serviceLinked: boolean;
}

interface Roles {
  /** @returns undefined when there is none with this name (compared without regard to case) */
  find(reader: Reader, account: string, name: string): Promise<Role | undefined>;
}

interface AccessKeys {
  /** An id for a temporary key: `ASIA…`, with the account in it. */
  temporaryId(account: string, random: Random): string;
  /** A secret access key of 40 characters. */
  secret(random: Random): string;
  /** The account that a key belongs to, known keys and ids that carry their account; undefined for others. */
  accountOf(reader: Reader, id: string): Promise<string | undefined>;
}

export interface ManagedPolicies {
  /** Whether there is a policy with this ARN that sessions of the account may use. */
  exists(reader: Reader, account: string, arn: string): Promise<boolean>;
}

/** Whoever may have MFA devices. */
export type DeviceHolder = Extract<Principal, { readonly kind: 'root' | 'user' }>;

interface Codes {
  /** Whether a device of the principal shows this code, which has not been used: counted against guessing. */
  attempt(
    call: CheckCall,
    principal: DeviceHolder,
    serial: string,
    code: string,
  ): Promise<boolean | 'unknown-device' | 'locked' | 'busy'>;
  /** Uses the code up; the serial number again, or undefined when it is not right any more. */
  use(change: Change, principal: DeviceHolder, code: string, now: number, serial: string): Promise<string | undefined>;
}

export interface StsPorts {
  readonly roles: Roles;
  readonly accessKeys: AccessKeys;
  readonly policies: ManagedPolicies;
  readonly codes: Codes;
}
