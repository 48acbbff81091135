/** Policy documents on their way in: grammar, with the place of a fault that is none of grammar's, and size. */
import { type PolicyDocument, PolicySyntaxError, parsePolicy, policySize } from '../../engines/policy/index.ts';
import type { PolicyKind } from '../../engines/policy/types.ts';
import { AwsError } from '../service.ts';
import { malformedPolicy, quotaExceeded } from './errors.ts';
import type { Quotas } from './quotas.ts';

/**
 * @throws MalformedPolicyDocument; where the text is no JSON, its message says where
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function checkedPolicy(document: string, kind: PolicyKind): PolicyDocument {
  try {
    return parsePolicy(document, kind);
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw malformedPolicy(malformedText(error));
  }
}

/** AWS's text; for what is no JSON at all, AWS's tells nothing, so the place follows it. */
function malformedText(error: PolicySyntaxError): string {
  const unreadable = error.reason === 'json' || error.reason === 'leading' || error.reason === 'duplicate-key';
  return unreadable ? `${error.message} (line ${error.line}, column ${error.column})` : error.message;
}

/** @throws MalformedPolicyDocument, LimitExceeded */
export function checkedManagedPolicy(document: string, quotas: Quotas): void {
  checkedPolicy(document, 'identity');
  if (policySize(document) > quotas.managedPolicySize) throw quotaExceeded('PolicySize', quotas.managedPolicySize);
}

/** @throws MalformedPolicyDocument, LimitExceeded */
export function checkedTrustPolicy(document: string, quotas: Quotas): PolicyDocument {
  const parsed = checkedPolicy(document, 'trust');
  if (policySize(document) > quotas.trustPolicySize) throw quotaExceeded('ACLSizePerRole', quotas.trustPolicySize);
  return parsed;
}

/** @throws LimitExceeded when all inline policies of an entity together are larger than it may have */
export function checkInlineSize(
  kind: 'user' | 'group' | 'role',
  name: string,
  inline: Readonly<Record<string, string>>,
  limit: number,
): void {
  let size = 0;
  for (const document of Object.values(inline)) size += policySize(document);
  if (size > limit) {
    throw new AwsError('LimitExceeded', `Maximum policy size of ${limit} bytes exceeded for ${kind} ${name}`, {
      status: 409,
    });
  }
}
