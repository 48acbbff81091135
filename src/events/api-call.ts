/** The fact that an API call was made: the shape in which the gateway stores its record, and how others read it back. */

/** Management events: what LookupEvents shows. */
export const managementStream = 'cloudtrail';
/** Data events (S3 objects): they go to trails that ask for them and nowhere else. */
export const dataStream = 'cloudtrail.data';

/** Where the records of one account in one region lie. */
export function recordPartition(account: string, region: string): string {
  return `${account}/${region}`;
}

/** What the lookup by resource finds. `type` is AWS's, such as `AWS::IAM::User`; `name` is a name or an ARN. */
export interface TouchedResource {
  readonly type: string;
  readonly name: string;
}

/**
 * The members of a CloudTrail record that readers in this program use; the record has more.
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events".
 */
export interface CloudTrailRecord {
  readonly eventVersion: string;
  readonly userIdentity: {
    readonly type: string;
    readonly principalId?: string;
    readonly arn?: string;
    readonly accountId?: string;
    readonly accessKeyId?: string;
    readonly userName?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: object;
  };
  /** `2026-11-22T21:59:00Z` */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: object | null;
  readonly responseElements: object | null;
  readonly additionalEventData?: object;
  /** Sign-ins have none. */
  readonly requestID?: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly RecordedName[];
  readonly eventType: 'AwsApiCall' | 'AwsServiceEvent' | 'AwsConsoleSignIn';
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly sharedEventID?: string;
  readonly eventCategory: 'Management' | 'Data';
  readonly tlsDetails?: object;
}

/** A resource of a record: one, or by `ARNPrefix` all those whose ARNs begin so. */
export interface RecordedName {
  readonly accountId?: string;
  readonly type: string;
  readonly ARN?: string;
  readonly ARNPrefix?: string;
}

/** The body of a stored entry. Only `record` ever leaves for a customer's bucket or LookupEvents. */
export interface StoredCall {
  readonly record: CloudTrailRecord;
  /** Resource names for lookups. */
  readonly touched?: readonly TouchedResource[];
  /** What `bailey explain` needs: the decision in short, as the gateway wrote it. */
  readonly why?: unknown;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads an entry's body. Throws SyntaxError if it is not a stored call. */
export function readStoredCall(body: Uint8Array): StoredCall {
  const value: unknown = JSON.parse(decoder.decode(body));
  if (typeof value !== 'object' || value === null || !('record' in value)) {
    throw new SyntaxError('This entry is not the record of an API call.');
  }
  return value as StoredCall;
}

/** Who made the call, as LookupEvents names them: a user name, a role session's name, `root`; '' for services. */
export function userNameOf(record: CloudTrailRecord): string {
  const { type, userName, principalId } = record.userIdentity;
  if (type === 'Root') return 'root';
  if (userName !== undefined) return userName;
  if (type === 'AssumedRole' || type === 'FederatedUser') return principalId?.slice(principalId.indexOf(':') + 1) ?? '';
  return '';
}
