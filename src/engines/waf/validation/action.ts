/** What actions must be like: one each, with responses that exist and headers that may be set. */

import { isFraming } from '../actions.ts';
import { InvalidParameter } from '../invalid-parameter.ts';
import type { CustomHTTPHeader, CustomResponse, RuleAction } from '../types.ts';
import { onlyMember, reasons, requireUnique } from './reasons.ts';
import type { ValidationOptions } from './rules.ts';

export function validateAction(action: RuleAction, options: ValidationOptions, field = 'RULE_ACTION'): void {
  const name = onlyMember(action ?? {}, field, field === 'RULE_ACTION' ? 'RuleAction' : 'DefaultAction');
  if (name === 'Monetize' && (options.scope !== 'CLOUDFRONT' || !options.hasMonetization)) {
    throw new InvalidParameter(field, name, reasons.notAllowed);
  }
  if (action.Block?.CustomResponse) validateResponse(action.Block.CustomResponse, options);
  const passing = action.Allow ?? action.Count ?? action.Captcha ?? action.Challenge;
  validateInserted(passing?.CustomRequestHandling?.InsertHeaders);
}

/** Of one definition. */
const mostHeaders = 10;

export function validateInserted(headers: readonly CustomHTTPHeader[] | undefined): void {
  if (headers === undefined) return;
  if (headers.length === 0) throw new InvalidParameter('CUSTOM_REQUEST_HANDLING', 'InsertHeaders', reasons.minimum);
  if (headers.length > mostHeaders) {
    throw new InvalidParameter('CUSTOM_REQUEST_HANDLING', 'InsertHeaders', reasons.maximum);
  }
  requireUnique(
    headers.map(({ Name }) => Name.toLowerCase()),
    'CUSTOM_REQUEST_HANDLING',
    'Name',
  );
  requireValues(headers, 'CUSTOM_REQUEST_HANDLING');
}

/** One line each: AWS's pattern for values, `.*`, stops at line breaks, and no header may hold the other controls. */
function requireValues(headers: readonly CustomHTTPHeader[], field: string): void {
  const bad = headers.find(({ Value }) => /[^\P{Cc}\t]|[\u2028\u2029]/u.test(Value));
  if (bad) throw new InvalidParameter(field, bad.Name, reasons.format);
}

/** The status codes that AWS lets custom responses have. */
const codes = new Set([
  200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414,
  415, 416, 421, 429, 500, 501, 502, 503, 504,
]);

function validateResponse(response: CustomResponse, options: ValidationOptions): void {
  if (!codes.has(response.ResponseCode)) {
    throw new InvalidParameter('CUSTOM_RESPONSE', String(response.ResponseCode), reasons.format);
  }
  const key = response.CustomResponseBodyKey;
  if (key !== undefined && !Object.hasOwn(options.bodies, key)) {
    throw new InvalidParameter('CUSTOM_RESPONSE_BODY', key, reasons.unknownBody);
  }
  const headers = response.ResponseHeaders ?? [];
  if (headers.length > mostHeaders) throw new InvalidParameter('CUSTOM_RESPONSE', 'ResponseHeaders', reasons.maximum);
  const names = headers.map(({ Name }) => Name.toLowerCase());
  const taken = names.find((name) => name === 'content-type' || isFraming(name));
  if (taken !== undefined) throw new InvalidParameter('HEADER_NAME', taken, reasons.notAllowed);
  requireUnique(names, 'CUSTOM_RESPONSE', 'Name');
  requireValues(headers, 'CUSTOM_RESPONSE');
}
