/** Every field of a request by AWS's name. */
import type { FieldToMatch } from '../field-types.ts';
import type { PreParseTextTransformation } from '../types.ts';
import { body } from './body.ts';
import { cookies } from './cookies.ts';
import { headerOrder } from './header-order.ts';
import { headers } from './headers.ts';
import { jsonBody } from './json-body.ts';
import { method } from './method.ts';
import { allQueryArguments, singleQueryArgument } from './query-arguments.ts';
import { queryString } from './query-string.ts';
import type { FieldReader } from './reader.ts';
import { singleHeader } from './single-header.ts';
import { ja3Fingerprint, ja4Fingerprint } from './tls-fingerprint.ts';
import { uriFragment } from './uri-fragment.ts';
import { uriPath } from './uri-path.ts';

/** Undefined where no field is named. */
export function readerOf(
  field: FieldToMatch,
  preParse: readonly PreParseTextTransformation[],
): FieldReader | undefined {
  if (field.SingleHeader) return singleHeader(field.SingleHeader);
  if (field.SingleQueryArgument) return singleQueryArgument(field.SingleQueryArgument, preParse);
  if (field.AllQueryArguments) return allQueryArguments(preParse);
  if (field.UriPath) return uriPath;
  if (field.QueryString) return queryString;
  if (field.Body) return body(field.Body);
  if (field.Method) return method;
  if (field.JsonBody) return jsonBody(field.JsonBody);
  if (field.Headers) return headers(field.Headers);
  if (field.Cookies) return cookies(field.Cookies);
  if (field.HeaderOrder) return headerOrder(field.HeaderOrder);
  if (field.JA3Fingerprint) return ja3Fingerprint(field.JA3Fingerprint);
  if (field.JA4Fingerprint) return ja4Fingerprint(field.JA4Fingerprint);
  if (field.UriFragment) return uriFragment(field.UriFragment);
  return undefined;
}
