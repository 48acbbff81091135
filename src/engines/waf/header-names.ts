/**
 * Names of headers that clients usually send. A request's own copies of them are new texts each time: these are the same
 * always, so that whoever looks a name up later finds its place at once, and its lower case is known.
 */

export interface HeaderName {
  /** As sent. */
  readonly sent: string;
  readonly lower: string;
}

const lowerCase = `accept accept-charset accept-encoding accept-language access-control-request-headers
access-control-request-method authorization cache-control connection content-encoding content-length content-type cookie date
dnt expect forwarded from host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive origin pragma
priority proxy-connection range referer save-data sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode
sec-fetch-site sec-fetch-user sec-gpc sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version
soapaction te traceparent tracestate trailer transfer-encoding upgrade upgrade-insecure-requests user-agent via
x-amz-content-sha256 x-amz-date x-amz-security-token x-amz-target x-amzn-trace-id x-api-key x-csrf-token x-csrftoken
x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip x-request-id x-requested-with
x-xsrf-token`.split(/\s+/);

/** Whose words do not all begin with a capital and go on without. */
const otherwise = ['DNT', 'TE', 'SOAPAction', 'X-CSRF-Token', 'X-XSRF-TOKEN', 'X-Real-IP', 'X-API-Key', 'X-Request-ID'];

const capitalized = (name: string): string => name.replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());

/** Names of properties are kept once in the whole process, with what is needed to look them up. */
const kept = (name: string): string => Object.keys({ [name]: 0 })[0] as string;

const names = new Map<string, HeaderName>();
for (const name of [...lowerCase, ...lowerCase.map(capitalized), ...otherwise]) {
  const sent = kept(name);
  names.set(sent, { sent, lower: kept(name.toLowerCase()) });
}

/** As sent. */
export const usualNames: readonly string[] = [...names.keys()];

/** Undefined where the name is none of the usual ones, in none of their usual spellings. */
export function usualName(name: string): HeaderName | undefined {
  return names.get(name);
}

export function lowerName(name: string): string {
  return names.get(name)?.lower ?? name.toLowerCase();
}
