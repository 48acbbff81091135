/** Rule actions, compiled: what a match leads to. */
import { InvalidParameter } from './invalid-parameter.ts';
import { strictUtf8Of } from './transformations/unicode.ts';
import type { CustomHTTPHeader, CustomResponseBodies, RuleAction } from './types.ts';
import type { AppliedAction, BlockResponse } from './verdict.ts';

export interface CompiledAction {
  readonly applied: Exclude<AppliedAction, 'EXCLUDED_AS_COUNT'>;
  /** For the origin, where the request goes on. */
  readonly insertedHeaders: readonly (readonly [name: string, value: string])[];
  /** Where it ends here. */
  readonly response?: BlockResponse;
}

const headerPrefix = 'x-amzn-waf-';
const contentTypes = {
  APPLICATION_JSON: 'application/json',
  TEXT_HTML: 'text/html',
  TEXT_PLAIN: 'text/plain',
} as const;

export function compileAction(action: RuleAction, bodies: CustomResponseBodies): CompiledAction {
  if (action.Block) return { applied: 'BLOCK', insertedHeaders: [], response: blockResponse(action.Block, bodies) };
  if (action.Allow) return { applied: 'ALLOW', insertedHeaders: inserted(action.Allow) };
  if (action.Count) return { applied: 'COUNT', insertedHeaders: inserted(action.Count) };
  if (action.Captcha) {
    return { applied: 'CAPTCHA', insertedHeaders: inserted(action.Captcha), response: asking(405, 'captcha') };
  }
  if (action.Challenge) {
    return { applied: 'CHALLENGE', insertedHeaders: inserted(action.Challenge), response: asking(202, 'challenge') };
  }
  if (action.Monetize) return { applied: 'MONETIZE', insertedHeaders: [], response: asking(402, 'monetize') };
  throw new InvalidParameter('RULE_ACTION', JSON.stringify(action), 'It has no action.');
}

export function inserted(action: {
  readonly CustomRequestHandling?: { readonly InsertHeaders: readonly CustomHTTPHeader[] };
}): CompiledAction['insertedHeaders'] {
  const headers = action.CustomRequestHandling?.InsertHeaders ?? [];
  return headers.map(({ Name, Value }) => [`${headerPrefix}${Name.toLowerCase()}`, bytesOf(Value)]);
}

const framing = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Where a response ends, and what becomes of its connection, is for those who send it to say. */
export function isFraming(lowerCaseName: string): boolean {
  return framing.has(lowerCaseName);
}

/** A header's value as it is sent: UTF-8, one character per byte. */
function bytesOf(value: string): string {
  return value.replaceAll(/[^\0-\x7f]/gu, (character) => strictUtf8Of(character.codePointAt(0)!));
}

function asking(status: number, what: string): BlockResponse {
  return { status, headers: [['x-amzn-waf-action', what]] };
}

function blockResponse(block: NonNullable<RuleAction['Block']>, bodies: CustomResponseBodies): BlockResponse {
  const custom = block.CustomResponse;
  if (!custom) return { status: 403, headers: [] };
  // Web ACLs may be older than the check that keeps these out.
  const own = (custom.ResponseHeaders ?? []).filter(({ Name }) => !isFraming(Name.toLowerCase()));
  const headers = own.map(({ Name, Value }) => [Name, bytesOf(Value)] as const);
  const bodyKey = custom.CustomResponseBodyKey;
  if (bodyKey === undefined) return { status: custom.ResponseCode, headers };
  const body = Object.hasOwn(bodies, bodyKey) ? bodies[bodyKey] : undefined;
  if (!body)
    throw new InvalidParameter('CUSTOM_RESPONSE_BODY', bodyKey, 'There is no custom response body with this key.');
  return {
    status: custom.ResponseCode,
    headers,
    bodyKey,
    contentType: contentTypes[body.ContentType],
    body: body.Content,
  };
}
