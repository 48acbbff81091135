/** Attributes of listeners (API reference, "ListenerAttribute"). */
import { validation } from '../errors.ts';
import type { Attributes, ListenerRow } from '../state.ts';
import { AttributeTable, boolean, integer, oneOf, type Specification, text } from './specification.ts';

type Subject = Pick<ListenerRow, 'protocol'>;

const isHttp = ({ protocol }: Subject): boolean => protocol === 'HTTP' || protocol === 'HTTPS';
const isSecure = ({ protocol }: Subject): boolean => protocol === 'HTTPS';

/** RFC 9110 field names, 40 characters at most. */
const fieldName = text(40, /^[A-Za-z0-9_-]+$/);
const fieldValue = text(1024);

/** Headers that tell the target of the client's certificate and of TLS: their names can be changed. */
const requestHeaders = [
  'X-Amzn-Mtls-Clientcert-Serial-Number',
  'X-Amzn-Mtls-Clientcert-Issuer',
  'X-Amzn-Mtls-Clientcert-Subject',
  'X-Amzn-Mtls-Clientcert-Validity',
  'X-Amzn-Mtls-Clientcert-Leaf',
  'X-Amzn-Mtls-Clientcert',
  'X-Amzn-Tls-Version',
  'X-Amzn-Tls-Cipher-Suite',
];

const responseHeaders: readonly (readonly [string, Specification<Subject>['values']])[] = [
  ['access_control_allow_origin', fieldValue],
  ['access_control_allow_methods', fieldValue],
  ['access_control_allow_headers', fieldValue],
  ['access_control_allow_credentials', oneOf('', 'true')],
  ['access_control_expose_headers', fieldValue],
  ['access_control_max_age', integer(0, 86_400, '')],
  ['content_security_policy', fieldValue],
  ['x_content_type_options', oneOf('', 'nosniff')],
  ['x_frame_options', oneOf('', 'DENY', 'SAMEORIGIN')],
];

const table = new AttributeTable<Subject>(
  'Listener',
  [
    {
      key: 'tcp.idle_timeout.seconds',
      default: '350',
      of: ({ protocol }) => protocol === 'TCP',
      values: integer(60, 6000),
    },
    ...requestHeaders.map((name) => ({
      key: `routing.http.request.${name.toLowerCase().replaceAll('-', '_')}.header_name`,
      default: name,
      of: isSecure,
      values: fieldName,
    })),
    { key: 'routing.http.response.server.enabled', default: 'true', of: isHttp, values: boolean },
    {
      key: 'routing.http.response.strict_transport_security.header_value',
      default: '',
      of: isSecure,
      values: fieldValue,
    },
    ...responseHeaders.map(([name, values]) => ({
      key: `routing.http.response.${name}.header_value`,
      default: '',
      of: isHttp,
      values,
    })),
  ],
  ({ protocol }) => `listeners with the ${protocol} protocol`,
);

/** Complete, by key: what the edge goes by. */
export const listenerAttributes = (row: ListenerRow): Readonly<Record<string, string>> =>
  table.complete(row, row.attributes);

export const listListenerAttributes = (row: ListenerRow): { Key: string; Value: string }[] =>
  table.list(row, row.attributes);

/** @throws AwsError ValidationError, InvalidConfigurationRequest */
export function mergeListenerAttributes(
  row: ListenerRow,
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Attributes {
  const merged = table.merge(row, row.attributes, given);
  const names = Object.entries(table.complete(row, merged)).filter(([key]) => key.endsWith('.header_name'));
  const taken = new Map<string, string>();
  for (const [key, value] of names) {
    const other = taken.get(value.toLowerCase());
    if (other !== undefined) throw validation(`The header name '${value}' is used by both '${other}' and '${key}'`);
    taken.set(value.toLowerCase(), key);
  }
  return merged;
}

/** What stays set when a listener changes its protocol. */
export function keptAttributes(row: ListenerRow): Attributes {
  const known = table.complete(row, row.attributes);
  return Object.fromEntries(Object.entries(row.attributes).filter(([key]) => Object.hasOwn(known, key)));
}
