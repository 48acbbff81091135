/** What a field to match and its transformations must be like. */
import { InvalidParameter } from '../invalid-parameter.ts';
import type { Inspecting, TextTransformation } from '../types.ts';
import { onlyMember, reasons, requireUnique } from './reasons.ts';

const mostTransformations = 10;

/** `isExactly`: the statement compares whole values, as fingerprints ask for. */
export function validateInspecting(statement: Inspecting, isExactly: boolean): void {
  const field = statement.FieldToMatch;
  const name = onlyMember(field ?? {}, 'FIELD_TO_MATCH', 'FieldToMatch');
  if ((name === 'JA3Fingerprint' || name === 'JA4Fingerprint') && !isExactly) {
    throw new InvalidParameter('FIELD_TO_MATCH', name, reasons.notAllowed);
  }
  if (field.Headers) onlyMember(field.Headers.MatchPattern, 'HEADER_MATCH_PATTERN', 'HeaderMatchPattern');
  if (field.Cookies) onlyMember(field.Cookies.MatchPattern, 'COOKIE_MATCH_PATTERN', 'CookieMatchPattern');
  if (field.JsonBody) {
    onlyMember(field.JsonBody.MatchPattern, 'JSON_MATCH_PATTERN', 'JsonMatchPattern');
    for (const path of field.JsonBody.MatchPattern.IncludedPaths ?? []) {
      // A JSON pointer; the empty one is the whole body, for which there is All.
      if (!/^(?:\/(?:[^~/]|~[01])*)+$/.test(path))
        throw new InvalidParameter('JSON_MATCH_PATTERN', path, reasons.format);
    }
  }
  validateTransformations(statement.TextTransformations);
  const preParse = statement.PreParseTextTransformations ?? [];
  if (preParse.length === 0) return;
  if (name !== 'SingleQueryArgument' && name !== 'AllQueryArguments') {
    throw new InvalidParameter('PRE_PARSE_TEXT_TRANSFORMATION', name, reasons.notAllowed);
  }
  if (preParse.length > mostTransformations) {
    throw new InvalidParameter('PRE_PARSE_TEXT_TRANSFORMATION', 'PreParseTextTransformations', reasons.maximum);
  }
  requireUnique(
    preParse.map(({ Priority }) => Priority),
    'PRE_PARSE_TEXT_TRANSFORMATION',
    'Priority',
  );
}

export function validateTransformations(steps: readonly TextTransformation[]): void {
  if ((steps ?? []).length === 0) {
    throw new InvalidParameter('TEXT_TRANSFORMATION', 'TextTransformations', reasons.minimum);
  }
  if (steps.length > mostTransformations) {
    throw new InvalidParameter('TEXT_TRANSFORMATION', 'TextTransformations', reasons.maximum);
  }
  requireUnique(
    steps.map(({ Priority }) => Priority),
    'TEXT_TRANSFORMATION',
    'Priority',
  );
}
