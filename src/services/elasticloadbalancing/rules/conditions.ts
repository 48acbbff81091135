/** The conditions of rules: checked as AWS does, and completed to the form in which they are shown. */
import type { QueryStringKeyValuePair, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { parseCidr } from '../../../engines/text/address.ts';
import { validation } from '../errors.ts';
import { limits } from '../limits.ts';
import { requireRegex } from './regexes.ts';

type Field = 'host-header' | 'http-header' | 'http-request-method' | 'path-pattern' | 'query-string' | 'source-ip';

const readers: Readonly<Record<Field, (condition: RuleCondition) => RuleCondition>> = {
  'host-header': (condition) => patterns(condition, 'host-header', 'HostHeaderConfig', requireHost),
  'http-header': httpHeader,
  'http-request-method': method,
  'path-pattern': (condition) => patterns(condition, 'path-pattern', 'PathPatternConfig', requirePath),
  'query-string': queryString,
  'source-ip': sourceIp,
};

const isField = (text: string | undefined): text is Field => text !== undefined && Object.hasOwn(readers, text);
const repeatable: ReadonlySet<string> = new Set(['http-header', 'query-string']);
const longest = 128;

/** @throws AwsError ValidationError */
export function readConditions(given: readonly RuleCondition[]): RuleCondition[] {
  if (given.length === 0) throw validation('A condition must be specified');
  const seen = new Set<string>();
  const conditions = given.map((condition) => {
    const { Field } = condition;
    if (!isField(Field)) {
      throw validation(`Condition field '${Field ?? ''}' must be one of '[${Object.keys(readers).join(', ')}]'`);
    }
    if (seen.has(Field) && !repeatable.has(Field)) {
      throw validation(`A rule can only have one '${Field}' condition`);
    }
    seen.add(Field);
    requireOwnMembers(condition, Field);
    return readers[Field](condition);
  });
  requireLimits(conditions);
  return conditions;
}

const configs: Readonly<Record<Field, keyof RuleCondition>> = {
  'host-header': 'HostHeaderConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'path-pattern': 'PathPatternConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
};

/** "Specify only when Field is …" */
function requireOwnMembers(condition: RuleCondition, field: Field): void {
  for (const config of Object.values(configs)) {
    if (config !== configs[field] && condition[config] !== undefined) {
      throw validation(`The '${config}' field is not compatible with '${field}'`);
    }
  }
  const hasValues = field === 'host-header' || field === 'path-pattern';
  if (condition.Values?.length && !hasValues) {
    throw validation(`The 'Values' field is not compatible with '${field}'`);
  }
  if (condition.RegexValues?.length && !hasValues && field !== 'http-header') {
    throw validation(`The 'RegexValues' field is not compatible with '${field}'`);
  }
}

/** Values, and the characters in them that stand for others. */
function requireLimits(conditions: readonly RuleCondition[]): void {
  const all = conditions.flatMap(valuesOf);
  const values = limits['condition-values-per-alb-rule'];
  if (all.length > values) throw validation(`A rule can only have '${values}' condition values`);
  const wildcards = limits['condition-wildcards-per-alb-rule'];
  const patterned = conditions.filter(({ Field }) => Field !== 'source-ip' && Field !== 'http-request-method');
  const stars =
    patterned
      .flatMap((condition) => textsOf(condition))
      .join('')
      .match(/[*?]/g)?.length ?? 0;
  if (stars > wildcards) throw validation(`A rule can only have '${wildcards}' condition wildcards`);
}

/** Without regular expressions: they have no wildcards. */
function textsOf(condition: RuleCondition): string[] {
  const config = condition.HostHeaderConfig ?? condition.PathPatternConfig ?? condition.HttpHeaderConfig;
  const pairs = condition.QueryStringConfig?.Values ?? [];
  return [...(config?.Values ?? []), ...pairs.flatMap(({ Key = '', Value = '' }) => [Key, Value])].map((text) =>
    // In query strings a backslash takes the meaning away.
    text.replace(/\\[*?]/g, ''),
  );
}

function valuesOf({
  HostHeaderConfig: host,
  PathPatternConfig: path,
  HttpHeaderConfig: header,
  HttpRequestMethodConfig: methods,
  SourceIpConfig: source,
  QueryStringConfig: query,
}: RuleCondition): unknown[] {
  const config = host ?? path ?? header;
  const others = methods?.Values ?? source?.Values ?? query?.Values ?? [];
  return [...(config?.Values ?? []), ...(config?.RegexValues ?? []), ...others];
}

/** Host headers and paths: values in the condition itself, in its configuration, or regular expressions. */
function patterns(
  condition: RuleCondition,
  Field: 'host-header' | 'path-pattern',
  member: 'HostHeaderConfig' | 'PathPatternConfig',
  require: (value: string) => void,
): RuleCondition {
  const config = condition[member];
  const plain = condition.Values ?? [];
  if (plain.length > 0 && config?.Values?.length) {
    throw validation(`You cannot provide both Values and '${member}' for a condition of type '${Field}'`);
  }
  if (plain.length > 1) throw validation(`The '${Field}' field contains too many values; the limit is '1'`);
  const values = config?.Values?.length ? config.Values : plain;
  const regexes = config?.RegexValues?.length ? config.RegexValues : (condition.RegexValues ?? []);
  requireSomething(values, regexes);
  for (const value of values) {
    requireLength(Field, value, longest);
    require(value);
  }
  for (const regex of regexes) requireRegex(regex, longest);
  if (regexes.length > 0) return { Field, RegexValues: regexes, [member]: { RegexValues: regexes } };
  return { Field, Values: values, [member]: { Values: values } };
}

function requireSomething(values: readonly string[], regexes: readonly string[]): void {
  if (values.length === 0 && regexes.length === 0) throw validation('A condition value must be specified');
  if (values.length > 0 && regexes.length > 0) {
    throw validation('You cannot provide both values and regular expressions for a condition');
  }
}

function requireLength(what: string, value: string, limit: number): void {
  if (value === '') throw validation('A condition value must be specified');
  if (value.length > limit) throw validation(`The '${what}' value is too long; the limit is '${limit}'`);
}

/** "You must include at least one '.' character. You can include only alphabetical characters after the final '.'" */
function requireHost(value: string): void {
  if (!/^[A-Za-z0-9.*?-]+$/.test(value) || !/\.[A-Za-z]+$/.test(value)) {
    throw validation(`The host name '${value}' is not valid`);
  }
}

function requirePath(value: string): void {
  if (!/^[A-Za-z0-9_.$/~"'@:+&*?-]+$/.test(value)) throw validation(`The path pattern '${value}' is not valid`);
}

function httpHeader(condition: RuleCondition): RuleCondition {
  const config = condition.HttpHeaderConfig;
  if (!config) throw validation("A 'HttpHeaderConfig' must be specified with 'http-header'");
  const name = config.HttpHeaderName ?? '';
  if (name === '') throw validation("A 'HttpHeaderName' must be specified in 'HttpHeaderConfig'");
  if (name.length > 40) throw validation("The 'HttpHeaderName' value is too long; the limit is '40'");
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    throw validation(`The 'HttpHeaderName' value '${name}' is not valid`);
  if (name.toLowerCase() === 'host') {
    throw validation("The 'http-header' condition cannot be used with the host header; use 'host-header'");
  }
  const values = config.Values ?? [];
  const regexes = config.RegexValues?.length ? config.RegexValues : (condition.RegexValues ?? []);
  requireSomething(values, regexes);
  for (const value of values) {
    requireLength('http-header', value, longest);
    if (!/^[\x20-\x7e]+$/.test(value)) throw validation(`The 'http-header' value '${value}' is not valid`);
  }
  for (const regex of regexes) requireRegex(regex, longest);
  const given = regexes.length > 0 ? { RegexValues: regexes } : { Values: values };
  return {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: name, ...given },
    ...(regexes.length > 0 && { RegexValues: regexes }),
  };
}

function method({ HttpRequestMethodConfig: config }: RuleCondition): RuleCondition {
  if (!config) throw validation("A 'HttpRequestMethodConfig' must be specified with 'http-request-method'");
  const Values = config.Values ?? [];
  requireSomething(Values, []);
  for (const value of Values) {
    requireLength('http-request-method', value, 40);
    if (!/^[A-Z_-]+$/.test(value)) {
      throw validation(
        "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
      );
    }
  }
  return { Field: 'http-request-method', HttpRequestMethodConfig: { Values } };
}

function queryString({ QueryStringConfig: config }: RuleCondition): RuleCondition {
  if (!config) throw validation("A 'QueryStringConfig' must be specified with 'query-string'");
  const given = config.Values ?? [];
  if (given.length === 0) throw validation("A 'query-string' value must be specified");
  const Values = given.map(({ Key, Value }): QueryStringKeyValuePair => {
    if (!Value) throw validation("A 'Value' must be specified in 'QueryStringKeyValuePair'");
    if ((Key ?? '').length > longest) throw validation(`The 'Key' value is too long; the limit is '${longest}'`);
    if (Value.length > longest) throw validation(`The 'Value' value is too long; the limit is '${longest}'`);
    return { ...(Key && { Key }), Value };
  });
  return { Field: 'query-string', QueryStringConfig: { Values } };
}

function sourceIp({ SourceIpConfig: config }: RuleCondition): RuleCondition {
  if (!config) throw validation("A 'SourceIpConfig' must be specified with 'source-ip'");
  if (config.IpAddressType !== undefined) {
    throw validation("The 'IpAddressType' field is not supported on application load balancers");
  }
  const Values = config.Values ?? [];
  if (Values.length === 0) throw validation("A 'source-ip' value must be specified");
  for (const value of Values) {
    if (!value.includes('/') || !parseCidr(value)) throw validation(`The source IP '${value}' must be in CIDR format`);
  }
  return { Field: 'source-ip', SourceIpConfig: { Values } };
}
