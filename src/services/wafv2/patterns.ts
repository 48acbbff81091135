/** What may stand in a regex pattern set. */
import type { Regex } from '@aws-sdk/client-wafv2';
import { invalidParameter, limitsExceeded, reasons } from './errors.ts';
import { quotas } from './quotas.ts';
import { isRegex } from './rules.ts';

/** @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException */
export function readPatterns(list: readonly Regex[]): string[] {
  if (list.length > quotas.patternsPerSet) throw limitsExceeded('REGEX_PATTERN');
  return list.map(({ RegexString = '' }) => {
    if (RegexString === '' || RegexString.length > quotas.patternCharacters || !isRegex(RegexString)) {
      throw invalidParameter('REGEX_PATTERN_SET', RegexString, reasons.format);
    }
    return RegexString;
  });
}
