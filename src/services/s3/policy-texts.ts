/** What S3 says about a bucket policy that it cannot take; its texts are not IAM's. */
import type { PolicySyntaxError, SyntaxReason } from '../../engines/policy/index.ts';
import type { AwsError } from '../service.ts';
import { malformedPolicy } from './errors.ts';

export const notJson = "Policies must be valid JSON and the first byte must be '{'";
export const invalidAction = 'Policy has invalid action';
export const invalidResource = 'Policy has invalid resource';
export const invalidPrincipal = 'Invalid principal in policy';
export const unrelatedAction = 'Action does not apply to any resource(s) in statement';
export const invalidConditionKey = 'Policy has an invalid condition key';
export const unrelatedCondition = 'Conditions do not apply to combination of actions and resources in statement';

const texts: Partial<Record<SyntaxReason, string>> = {
  json: notJson,
  leading: notJson,
  'duplicate-key': 'Policies cannot have duplicate keys',
  'too-large': 'Policy exceeds the maximum allowed document size.',
  version: 'The policy must contain a valid version string',
  'statement-missing': 'Missing required field Statement',
  'effect-missing': 'Missing required field Effect',
  'action-missing': 'Missing required field Action',
  'resource-missing': 'Missing required field Resource',
  'principal-missing': 'Missing required field Principal',
  'action-format': invalidAction,
  'resource-format': invalidResource,
  'principal-invalid': invalidPrincipal,
  'not-principal-with-allow': 'Allow with NotPrincipal is not allowed.',
  'sid-duplicate': 'Policies cannot have multiple statements with the same Sid',
};

/** MalformedPolicy, with the place in the detail. */
export function policyFault(error: PolicySyntaxError): AwsError {
  const place = `line ${error.line}, column ${error.column}`;
  return malformedPolicy(textOf(error), error.value === undefined ? place : `${error.value} (${place})`);
}

function textOf(error: PolicySyntaxError): string {
  if (error.reason === 'effect') return `Invalid effect: ${error.value ?? ''}`;
  if (error.reason === 'unknown-element') return `Unknown field ${error.value ?? ''}`;
  if (error.reason === 'condition-operator') return `Invalid Condition type : ${error.value ?? ''}`;
  if (error.reason === 'condition-key') return invalidConditionKey;
  return texts[error.reason] ?? error.message;
}
