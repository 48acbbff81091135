/** Session policies as a request passes them, checked before they go into a token. */
import type { PolicyDescriptorType } from '@aws-sdk/client-sts';
import { PolicySyntaxError, parsePolicy } from '../../engines/policy/index.ts';
import type { Reader } from '../../store/store.ts';
import type { Session } from '../service.ts';
import { malformedPolicy, validationError } from './errors.ts';
import type { ManagedPolicies } from './ports.ts';

/** "The plaintext that you use for both inline and managed session policies can't exceed 2,048 characters." */
const longestPlaintext = 2048;
const mostArns = 10;

/**
 * @param account whose managed policies may be named
 * @returns undefined when none were passed
 * @throws MalformedPolicyDocument, ValidationError
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function sessionPolicies(
  reader: Reader,
  policies: ManagedPolicies,
  account: string,
  inline: string | undefined,
  passed: readonly PolicyDescriptorType[] | undefined,
): Promise<Session['policies']> {
  const arns = (passed ?? []).map((descriptor) => descriptor.arn ?? '');
  if (inline === undefined && arns.length === 0) return undefined;
  if (arns.length > mostArns) throw tooLong('policyArns', mostArns);
  if ((inline?.length ?? 0) + arns.join('').length > longestPlaintext) throw tooLong('policy', longestPlaintext);
  if (inline !== undefined) checkDocument(inline);
  for (const arn of arns) {
    if (!(await policies.exists(reader, account, arn))) {
      throw malformedPolicy(`The managed policy ${arn} does not exist or cannot be used as a session policy.`);
    }
  }
  return inline === undefined ? { arns } : { inline, arns };
}

function checkDocument(document: string): void {
  try {
    parsePolicy(document, 'session');
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw malformedPolicy(`${error.message} (line ${error.line}, column ${error.column})`);
  }
}

function tooLong(member: string, limit: number): Error {
  return validationError(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  );
}
