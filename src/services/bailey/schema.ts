/** The schemas of Bailey's own API, in the form that SDK packages carry theirs; spoken as awsJson1_1, target `Bailey`. */

const namespace = 'com.bailey';

/** Structure: [3, namespace, name, traits, member names, member schemas, required count]; 0 is a string, 1 a number, 4 a timestamp. */
const ExplainRequest$ = [3, namespace, 'ExplainRequest', 0, ['RequestId', 'Message'], [0, 0]];
const ExplainResponse$ = [3, namespace, 'ExplainResponse', 0, ['RequestId', 'Explanation', 'Text'], [0, 0, 0]];
const DescribeCoverageRequest$ = [3, namespace, 'DescribeCoverageRequest', 0, ['Service'], [0]];
const DescribeCoverageResponse$ = [3, namespace, 'DescribeCoverageResponse', 0, ['Coverage'], [0]];

const Password$ = [0, namespace, 'Password', 8, 0];
const MfaCode$ = [0, namespace, 'MfaCode', 8, 0];
const SecretKey$ = [0, namespace, 'SecretKey', 8, 0];
const SignInRootUserRequest$ = [
  3,
  namespace,
  'SignInRootUserRequest',
  0,
  ['Email', 'Password', 'MfaCode'],
  [0, () => Password$, () => MfaCode$],
  2,
];
const SignInUserRequest$ = [
  3,
  namespace,
  'SignInUserRequest',
  0,
  ['Account', 'UserName', 'Password', 'NewPassword', 'MfaCode'],
  [0, 0, () => Password$, () => Password$, () => MfaCode$],
  3,
];
const SignInResponse$ = [
  3,
  namespace,
  'SignInResponse',
  0,
  ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'],
  [0, () => SecretKey$, () => SecretKey$, 4],
];

const ReplayRequestsRequest$ = [
  3,
  namespace,
  'ReplayRequestsRequest',
  0,
  ['WebACLArn', 'Definition', 'Log'],
  [0, 0, 0],
  2,
];
const ReplayRequestsResponse$ = [3, namespace, 'ReplayRequestsResponse', 0, ['Replayed', 'Result', 'Text'], [1, 0, 0]];
const CreateManagedRuleSetRequest$ = [
  3,
  namespace,
  'CreateManagedRuleSetRequest',
  0,
  ['Name', 'VendorName', 'Scope', 'Description'],
  [0, 0, 0, 0],
  2,
];
const CreateManagedRuleSetResponse$ = [
  3,
  namespace,
  'CreateManagedRuleSetResponse',
  0,
  ['Id', 'ARN', 'LockToken'],
  [0, 0, 0],
];

export const Explain$ = [9, namespace, 'Explain', 0, () => ExplainRequest$, () => ExplainResponse$];
export const DescribeCoverage$ = [
  9,
  namespace,
  'DescribeCoverage',
  0,
  () => DescribeCoverageRequest$,
  () => DescribeCoverageResponse$,
];

export const ReplayRequests$ = [
  9,
  namespace,
  'ReplayRequests',
  0,
  () => ReplayRequestsRequest$,
  () => ReplayRequestsResponse$,
];
export const CreateManagedRuleSet$ = [
  9,
  namespace,
  'CreateManagedRuleSet',
  0,
  () => CreateManagedRuleSetRequest$,
  () => CreateManagedRuleSetResponse$,
];

export const SignInRootUser$ = [9, namespace, 'SignInRootUser', 0, () => SignInRootUserRequest$, () => SignInResponse$];
export const SignInUser$ = [9, namespace, 'SignInUser', 0, () => SignInUserRequest$, () => SignInResponse$];

export interface ExplainInput {
  readonly RequestId?: string;
  /** An error text as a client printed it. */
  readonly Message?: string;
}

export interface ExplainOutput {
  readonly RequestId: string;
  /** JSON: time, caller, call, error and reasons. */
  readonly Explanation: string;
  /** The same for people. */
  readonly Text: string;
}

export interface DescribeCoverageInput {
  readonly Service?: string;
}

export interface DescribeCoverageOutput {
  /** JSON: service → { built: operation names, missing: operation names }. */
  readonly Coverage: string;
}

export interface SignInRootUserInput {
  /** The account's: its root user has no name. */
  readonly Email?: string;
  readonly Password?: string;
  /** Where an MFA device is enabled: the code that it shows. */
  readonly MfaCode?: string;
}

export interface SignInUserInput {
  /** Twelve digits, or an alias. */
  readonly Account?: string;
  readonly UserName?: string;
  readonly Password?: string;
  /** Where the password must be changed: the one to have from now on. */
  readonly NewPassword?: string;
  /** As the root user's. */
  readonly MfaCode?: string;
}

export interface SignInOutput {
  /** `ASIA…` */
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

export interface ReplayRequestsInput {
  readonly WebACLArn?: string;
  /** JSON: members of UpdateWebACL; what is left out stays as it is. */
  readonly Definition?: string;
  /** Lines of the web ACL's log, in place of what edge nodes remember. */
  readonly Log?: string;
}

export interface ReplayRequestsOutput {
  readonly Replayed: number;
  /** JSON: changes, differences, and how much could not be replayed faithfully. */
  readonly Result: string;
  /** The same for people. */
  readonly Text: string;
}

export interface CreateManagedRuleSetInput {
  readonly Name?: string;
  /** As customers will name it; not AWS. */
  readonly VendorName?: string;
  readonly Scope?: string;
  readonly Description?: string;
}

export interface CreateManagedRuleSetOutput {
  readonly Id: string;
  readonly ARN: string;
  readonly LockToken: string;
}
