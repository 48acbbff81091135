/** The schemas of Bailey's own API, in the form that SDK packages carry theirs; spoken as awsJson1_1, target `Bailey`. */

const namespace = 'com.bailey';

/** Structure: [3, namespace, name, traits, member names, member schemas, required count]; 0 is a string, 1 a number. */
const ExplainRequest$ = [3, namespace, 'ExplainRequest', 0, ['RequestId', 'Message'], [0, 0]];
const ExplainResponse$ = [3, namespace, 'ExplainResponse', 0, ['RequestId', 'Explanation', 'Text'], [0, 0, 0]];
const DescribeCoverageRequest$ = [3, namespace, 'DescribeCoverageRequest', 0, ['Service'], [0]];
const DescribeCoverageResponse$ = [3, namespace, 'DescribeCoverageResponse', 0, ['Coverage'], [0]];

export const Explain$ = [9, namespace, 'Explain', 0, () => ExplainRequest$, () => ExplainResponse$];
export const DescribeCoverage$ = [
  9,
  namespace,
  'DescribeCoverage',
  0,
  () => DescribeCoverageRequest$,
  () => DescribeCoverageResponse$,
];

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
