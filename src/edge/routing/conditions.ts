/** The conditions of listener rules as functions over a request. A condition that cannot be understood is never met. */
import { BlockList, isIP } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { regex, type TextTest, wildcard } from './patterns.ts';
import type { RoutedRequest } from './request.ts';

export type Condition = (request: RoutedRequest) => boolean;

const never: Condition = () => false;

/** @see Elastic Load Balancing User Guide, "Condition types for listener rules" */
export function compileCondition(condition: RuleCondition): Condition {
  switch (condition.Field) {
    case 'host-header': {
      const { Values = condition.Values, RegexValues = condition.RegexValues } = condition.HostHeaderConfig ?? {};
      const test = anyOf(tests(Values, true), expressions(RegexValues));
      return (request) => test(request.hostName);
    }
    case 'path-pattern': {
      const { Values = condition.Values, RegexValues = condition.RegexValues } = condition.PathPatternConfig ?? {};
      const test = anyOf(tests(Values, false), expressions(RegexValues));
      return (request) => test(request.head.path);
    }
    case 'http-header':
      return headerCondition(condition);
    case 'http-request-method': {
      const methods = condition.HttpRequestMethodConfig?.Values ?? condition.Values ?? [];
      return (request) => methods.includes(request.head.method);
    }
    case 'query-string':
      return queryCondition(condition);
    case 'source-ip':
      return sourceCondition(condition.SourceIpConfig?.Values ?? condition.Values ?? []);
    default:
      return never;
  }
}

const tests = (values: readonly string[] | undefined, ignoreCase: boolean): TextTest[] =>
  (values ?? []).map((value) => wildcard(value, { ignoreCase }));

const expressions = (values: readonly string[] | undefined): TextTest[] =>
  (values ?? []).flatMap((value) => regex(value) ?? []);

function anyOf(...lists: readonly TextTest[][]): TextTest {
  const all = lists.flat();
  const [only] = all;
  if (all.length === 1 && only) return only;
  return (text) => {
    for (const test of all) if (test(text)) return true;
    return false;
  };
}

function headerCondition(condition: RuleCondition): Condition {
  const { HttpHeaderName, Values, RegexValues = condition.RegexValues } = condition.HttpHeaderConfig ?? {};
  if (HttpHeaderName === undefined) return never;
  const wanted = HttpHeaderName.toLowerCase();
  const test = anyOf(tests(Values, true), expressions(RegexValues));
  return ({ head }) => {
    if (wanted === 'x-forwarded-for') return head.forwardedFor !== undefined && test(head.forwardedFor);
    const { headers } = head;
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] as string;
      if (name.length === wanted.length && name.toLowerCase() === wanted && test(headers[at + 1] as string))
        return true;
    }
    return false;
  };
}

/** Compared as sent and decoded: AWS lets both be written. */
function queryCondition(condition: RuleCondition): Condition {
  const pairs = (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({
    key: Key === undefined ? undefined : wildcard(Key, { ignoreCase: true, escapes: true }),
    value: wildcard(Value ?? '', { ignoreCase: true, escapes: true }),
  }));
  return ({ head: { query } }) => {
    if (query === '') return false;
    for (const part of query.split('&', mostParameters)) {
      const equals = part.indexOf('=');
      const key = equals < 0 ? part : part.slice(0, equals);
      const value = equals < 0 ? '' : part.slice(equals + 1);
      for (const pair of pairs) {
        // Without a key the value may stand anywhere in the parameter.
        const isKey = pair.key === undefined || pair.key(key) || pair.key(decoded(key));
        const isValue = pair.value(value) || pair.value(decoded(value)) || (pair.key === undefined && pair.value(part));
        if (isKey && isValue) return true;
      }
    }
    return false;
  };
}

const mostParameters = 1000;

function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function sourceCondition(cidrs: readonly string[]): Condition {
  const list = blockList(cidrs);
  return ({ source }) => list(source);
}

/** Whether an address lies in one of the blocks; what is no block holds nothing. */
export function blockList(cidrs: readonly string[]): (address: string) => boolean {
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const version = isIP(address);
    if (version !== 4 && version !== 6) continue;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    const length = bits === undefined ? (version === 4 ? 32 : 128) : Number(bits);
    if (!Number.isInteger(length) || length < 0 || length > (version === 4 ? 32 : 128)) continue;
    lists[version].addSubnet(address, length, family);
  }
  return (address) => {
    const version = isIP(address);
    return (version === 4 || version === 6) && lists[version].check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}
