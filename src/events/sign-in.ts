/** The fact that somebody signed in with a password, or tried to: its record in AWS's format, and the entry that keeps it. */
import type { Connection, Principal } from '../services/service.ts';
import type { Entry } from '../store/store.ts';
import { type CloudTrailRecord, managementStream, recordPartition, type StoredCall } from './api-call.ts';

/** CloudTrail writes this in place of a user name that nobody has: it may be a password typed into the wrong field. */
const hiddenName = 'HIDDEN_DUE_TO_SECURITY_REASONS';
const eventSource = 'signin.amazonaws.com';
/** Sign-ins at the global endpoint are filed there. */
const awsRegion = 'us-east-1';
const longestText = 1_024;

export interface SignInEvent {
  /** `CheckMfa`: the password was right, and a code is asked for. */
  readonly name: 'ConsoleLogin' | 'CheckMfa' | 'PasswordUpdated';
  /** The account concerned; '' when the form named none that exists: then no account sees the record. */
  readonly account: string;
  /** Who it was, as far as the account knows; undefined for a name that no user has. */
  readonly principal: Extract<Principal, { readonly kind: 'root' | 'user' }> | undefined;
  /** Why it failed; undefined: it succeeded. */
  readonly failure?: string | undefined;
  /** A code of an MFA device was given with the right password. */
  readonly withMfa?: boolean;
  /** Serial number of the device whose code was right. */
  readonly device?: string | undefined;
  readonly connection: Connection;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Unique in the stream, at most 64 characters. */
  readonly id: string;
  /** A UUID. */
  readonly eventId: string;
}

/**
 * @see CloudTrail User Guide, "AWS Management Console sign-in events": no requestID, no errorCode, and no access key, as
 * nothing was signed.
 */
export function signInEntry(event: SignInEvent): Entry {
  const { connection, principal } = event;
  const record: CloudTrailRecord = {
    eventVersion: '1.11',
    userIdentity: identity(event),
    eventTime: `${new Date(event.now).toISOString().slice(0, 19)}Z`,
    eventSource,
    eventName: event.name,
    awsRegion,
    sourceIPAddress: connection.sourceIp,
    userAgent: connection.userAgent.slice(0, longestText),
    ...(event.failure !== undefined && { errorMessage: event.failure }),
    requestParameters: null,
    responseElements: { [event.name]: event.failure === undefined ? 'Success' : 'Failure' },
    ...(event.name === 'ConsoleLogin' && {
      additionalEventData: {
        LoginTo: `${connection.secure ? 'https' : 'http'}://${connection.host.slice(0, longestText)}/`,
        MobileVersion: 'No',
        ...(event.device !== undefined && { MFAIdentifier: event.device }),
        MFAUsed: event.withMfa ? 'Yes' : 'No',
      },
    }),
    ...(event.name === 'CheckMfa' && { additionalEventData: { MfaType: 'Virtual MFA' } }),
    eventID: event.eventId,
    readOnly: false,
    eventType: 'AwsConsoleSignIn',
    managementEvent: true,
    recipientAccountId: event.account,
    eventCategory: 'Management',
  };
  return {
    stream: managementStream,
    partition: recordPartition(event.account, awsRegion),
    id: event.id,
    time: event.now,
    tags: {
      EventId: event.eventId,
      EventName: event.name,
      ReadOnly: 'false',
      EventSource: eventSource,
      Username: principal?.kind === 'root' ? 'root' : (principal?.name ?? hiddenName),
    },
    body: Buffer.from(JSON.stringify({ record } satisfies StoredCall), 'utf8'),
  };
}

function identity({ account, principal, failure, name }: SignInEvent): CloudTrailRecord['userIdentity'] {
  if (principal === undefined) return { type: 'IAMUser', accountId: account, accessKeyId: '', userName: hiddenName };
  const { arn, id: principalId } = principal;
  // Nobody has signed in yet where a code is asked for.
  const failed = failure !== undefined || name === 'CheckMfa';
  if (principal.kind === 'root') {
    return { type: 'Root', principalId, arn, accountId: account, ...(failed && { accessKeyId: '' }) };
  }
  const { name: userName } = principal;
  return failed
    ? { type: 'IAMUser', principalId, accountId: account, accessKeyId: '', userName }
    : { type: 'IAMUser', principalId, arn, accountId: account, userName };
}
