/** What may stand in a regex pattern set. */
import type { Regex } from '@aws-sdk/client-wafv2';
import { limitsExceeded } from './errors.ts';
import type { Quotas } from './quotas.ts';
import { requireRegex } from './rules.ts';

/** @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException */
export function readPatterns(list: readonly Regex[], quotas: Quotas): string[] {
  if (list.length > quotas.patternsPerSet) throw limitsExceeded('REGEX_PATTERN');
  return list.map(({ RegexString = '' }) => {
    requireRegex(RegexString);
    return RegexString;
  });
}
