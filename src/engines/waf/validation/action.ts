/** What actions must be like: one each, with responses that exist and headers that may be set. */
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

export function validateInserted(headers: readonly CustomHTTPHeader[] | undefined): void {
  if (headers === undefined) return;
  if (headers.length === 0) throw new InvalidParameter('CUSTOM_REQUEST_HANDLING', 'InsertHeaders', reasons.minimum);
  requireUnique(
    headers.map(({ Name }) => Name.toLowerCase()),
    'CUSTOM_REQUEST_HANDLING',
    'Name',
  );
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
  const names = (response.ResponseHeaders ?? []).map(({ Name }) => Name.toLowerCase());
  if (names.includes('content-type')) throw new InvalidParameter('HEADER_NAME', 'content-type', reasons.notAllowed);
  requireUnique(names, 'CUSTOM_RESPONSE', 'Name');
}
