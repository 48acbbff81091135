/** By what a rate-based rule counts: an address, nothing, or up to five parts of the request. */
import { type Address, parseAddress } from '../../text/address.ts';
import type { Inspection } from '../inspection.ts';
import type { Reading } from '../readings.ts';
import { forwardedReader } from '../statements/client-address.ts';
import type { CompileContext } from '../statements/condition.ts';
import type { RateBasedStatement, RateBasedStatementCustomKey } from '../types.ts';

export interface KeyPart {
  readonly key: string;
  readonly name?: string;
  readonly value: string;
}

/** `missing`: the request is not counted. `match`, `no match`: a fallback has decided. */
type KeyAnswer = KeyPart | 'missing' | 'match' | 'no match';

export type KeyReader = (inspection: Inspection) => KeyAnswer;

export function keyReaders(statement: RateBasedStatement, context: CompileContext): readonly KeyReader[] {
  switch (statement.AggregateKeyType) {
    case 'CONSTANT':
      return [];
    case 'IP':
      return [addressKey];
    case 'FORWARDED_IP':
      return [forwardedKey(statement)];
    case 'CUSTOM_KEYS':
      return (statement.CustomKeys ?? []).map((key) => customKey(key, statement, context));
  }
}

const addressKey: KeyReader = ({ request }) => {
  const address = parseAddress(request.source.ip);
  return { key: 'IP', value: address ? canonical(address) : request.source.ip };
};

/** One spelling for each address: others would be other keys. */
function canonical(address: Address): string {
  if (address.length === 8) return address.map((group) => group.toString(16)).join(':');
  return address.map((group) => `${group >> 8}.${group & 0xff}`).join('.');
}

function forwardedKey(statement: RateBasedStatement): KeyReader {
  const config = statement.ForwardedIPConfig!;
  const read = forwardedReader(config);
  return (inspection) => {
    const found = read(inspection);
    if (!found) return 'missing';
    const first = found.addresses[0];
    if (!first) return config.FallbackBehavior === 'MATCH' ? 'match' : 'no match';
    return { key: 'FORWARDED_IP', value: canonical(first.address) };
  };
}

function customKey(
  key: RateBasedStatementCustomKey,
  statement: RateBasedStatement,
  context: CompileContext,
): KeyReader {
  const { readings } = context;
  if (key.Header) {
    const reading = readings.of({ SingleHeader: { Name: key.Header.Name } }, key.Header.TextTransformations);
    return valueKey('HEADER', reading, key.Header.Name);
  }
  if (key.Cookie) {
    const cookies = {
      MatchPattern: { IncludedCookies: [key.Cookie.Name] },
      MatchScope: 'VALUE',
      OversizeHandling: 'CONTINUE',
    } as const;
    return valueKey('COOKIE', readings.of({ Cookies: cookies }, key.Cookie.TextTransformations), key.Cookie.Name);
  }
  if (key.QueryArgument) {
    const { Name, TextTransformations } = key.QueryArgument;
    return valueKey('QUERY_ARGUMENT', readings.of({ SingleQueryArgument: { Name } }, TextTransformations), Name);
  }
  if (key.QueryString) {
    const reading = readings.of({ QueryString: {} }, key.QueryString.TextTransformations);
    // A request without a query string has no such component.
    return (inspection) =>
      inspection.request.query === '' ? 'missing' : valueKey('QUERY_STRING', reading)(inspection);
  }
  if (key.UriPath) return valueKey('URI_PATH', readings.of({ UriPath: {} }, key.UriPath.TextTransformations));
  if (key.HTTPMethod) return ({ request }) => ({ key: 'HTTP_METHOD', value: request.method });
  if (key.IP) return addressKey;
  if (key.ForwardedIP) return forwardedKey(statement);
  if (key.LabelNamespace) return labelKey(key.LabelNamespace.Namespace, context);
  if (key.JA3Fingerprint) return fingerprintKey('JA3_FINGERPRINT', 'ja3', key.JA3Fingerprint.FallbackBehavior);
  if (key.JA4Fingerprint) return fingerprintKey('JA4_FINGERPRINT', 'ja4', key.JA4Fingerprint.FallbackBehavior);
  return asnKey(statement, context);
}

function valueKey(key: string, reading: Reading, name?: string): KeyReader {
  return (inspection) => {
    const { values } = inspection.read(reading);
    if (values.length === 0) return 'missing';
    // Several values of one name: the order in which they came is part of the key.
    return { key, ...(name === undefined ? {} : { name }), value: values.length === 1 ? values[0]! : values.join(',') };
  };
}

function labelKey(namespace: string, context: CompileContext): KeyReader {
  const prefix = namespace.endsWith(':') ? namespace : `${namespace}:`;
  const full = prefix.startsWith('awswaf:') ? prefix : context.labelContext + prefix;
  return ({ labels }) => {
    const found = labels.filter((label) => label.startsWith(full)).sort();
    return found.length === 0 ? 'missing' : { key: 'LABEL', name: namespace, value: found.join(',') };
  };
}

function fingerprintKey(key: string, which: 'ja3' | 'ja4', fallback: 'MATCH' | 'NO_MATCH'): KeyReader {
  return ({ request }) => {
    const value = request.source[which];
    if (value === undefined) return fallback === 'MATCH' ? 'match' : 'no match';
    return { key, value };
  };
}

function asnKey(statement: RateBasedStatement, context: CompileContext): KeyReader {
  const isForwarded = statement.ForwardedIPConfig && statement.CustomKeys?.some(({ ForwardedIP }) => ForwardedIP);
  const forwarded = isForwarded ? forwardedKey(statement) : undefined;
  return (inspection) => {
    if (!forwarded) return { key: 'ASN', value: String(inspection.request.source.asn ?? 0) };
    const address = forwarded(inspection);
    if (typeof address === 'string') return address;
    return { key: 'ASN', value: String(context.resources.locate?.(address.value)?.asn ?? 0) };
  };
}
