/** The schemas of Bailey's own API, in the form that SDK packages carry theirs; spoken as awsJson1_1, target `Bailey`. */

const namespace = 'com.bailey';

/** Structure: [3, namespace, name, traits, member names, member schemas, required count]; 0 is a string, 1 a number, 4 a timestamp. */
const ExplainRequest$ = [3, namespace, 'ExplainRequest', 0, ['RequestId', 'Message'], [0, 0]];
const ExplainResponse$ = [3, namespace, 'ExplainResponse', 0, ['RequestId', 'Explanation', 'Text'], [0, 0, 0]];
const DescribeCoverageRequest$ = [3, namespace, 'DescribeCoverageRequest', 0, ['Service'], [0]];
const DescribeCoverageResponse$ = [3, namespace, 'DescribeCoverageResponse', 0, ['Coverage'], [0]];

const Password$ = [0, namespace, 'Password', 8, 0];
const SecretKey$ = [0, namespace, 'SecretKey', 8, 0];
const SignInRootUserRequest$ = [
  3,
  namespace,
  'SignInRootUserRequest',
  0,
  ['Email', 'Password'],
  [0, () => Password$],
  2,
];
const SignInUserRequest$ = [
  3,
  namespace,
  'SignInUserRequest',
  0,
  ['Account', 'UserName', 'Password', 'NewPassword'],
  [0, 0, () => Password$, () => Password$],
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

export const Explain$ = [9, namespace, 'Explain', 0, () => ExplainRequest$, () => ExplainResponse$];
export const DescribeCoverage$ = [
  9,
  namespace,
  'DescribeCoverage',
  0,
  () => DescribeCoverageRequest$,
  () => DescribeCoverageResponse$,
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
}

export interface SignInUserInput {
  /** Twelve digits, or an alias. */
  readonly Account?: string;
  readonly UserName?: string;
  readonly Password?: string;
  /** Where the password must be changed: the one to have from now on. */
  readonly NewPassword?: string;
}

export interface SignInOutput {
  /** `ASIA…` */
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}
