/**
 * What of a request may be shown: fields that the web ACL protects, or its log leaves out, are replaced wherever they
 * would appear, in the request's own parts as in what rules found in them.
 */
import { createHmac } from 'node:crypto';
import type { DataProtectionConfig, FieldToMatch } from '@aws-sdk/client-wafv2';
import type { MatchDetail, RateBasedOutcome } from '../../../engines/waf/verdict.ts';

type Part = 'header' | 'cookie' | 'argument' | 'query' | 'body' | 'path' | 'method';

interface Protected {
  readonly part: Part;
  /** In lower case; undefined where the part has no names. */
  readonly names?: ReadonlySet<string>;
  readonly hide: (value: string) => string;
  readonly inDetails: boolean;
  readonly inRates: boolean;
}

type Headers = readonly (readonly [name: string, value: string])[];

const redacted = 'REDACTED';
const substitute = (): string => redacted;

const parts: Readonly<Record<string, Part>> = {
  SINGLE_HEADER: 'header',
  SINGLE_COOKIE: 'cookie',
  SINGLE_QUERY_ARGUMENT: 'argument',
  QUERY_STRING: 'query',
  BODY: 'body',
};

export class Protection {
  readonly #rules: readonly Protected[];

  /**
   * @param config the web ACL's; holds for logs, samples and explanations alike
   * @param secret hashes are keyed, or short values could be guessed from them
   * @param redactedFields of the logging configuration
   */
  constructor(config: DataProtectionConfig | undefined, secret: string, redactedFields: readonly FieldToMatch[] = []) {
    const hash = (value: string) => createHmac('sha256', secret).update(value, 'latin1').digest('base64');
    this.#rules = [
      ...(config?.DataProtections ?? []).map(
        ({ Field, Action, ExcludeRuleMatchDetails, ExcludeRateBasedDetails }): Protected => ({
          part: parts[Field?.FieldType ?? ''] ?? 'query',
          ...(Field?.FieldKeys && { names: new Set(Field.FieldKeys.map((name) => name.toLowerCase())) }),
          hide: Action === 'HASH' ? hash : substitute,
          inDetails: !ExcludeRuleMatchDetails,
          inRates: !ExcludeRateBasedDetails,
        }),
      ),
      ...redactedFields.map(ofRedactedField),
    ];
  }

  headers(headers: Headers): { name: string; value: string }[] {
    return headers.map(([name, value]) => {
      const lower = name.toLowerCase();
      const hidden = this.#hider('header', lower);
      if (hidden) return { name, value: hidden(value) };
      return { name, value: lower === 'cookie' ? this.#pairs(value, 'cookie', '; ') : value };
    });
  }

  query(query: string): string {
    const hidden = this.#hider('query');
    return hidden && query !== '' ? hidden(query) : this.#pairs(query, 'argument', '&');
  }

  path(path: string): string {
    return this.#hider('path')?.(path) ?? path;
  }

  method(method: string): string {
    return this.#hider('method')?.(method) ?? method;
  }

  details(details: readonly MatchDetail[]): MatchDetail[] {
    return details.map((detail) => {
      const rule = this.#rules.find((one) => one.inDetails && concerns(one, detail.location, detail.matchedFieldName));
      if (!rule) return detail;
      const { evidence, ...rest } = detail;
      return {
        ...rest,
        matchedData: detail.matchedData.map(rule.hide),
        ...(evidence && { evidence: { ...evidence, matched: rule.hide(evidence.matched), reason: redacted } }),
      };
    });
  }

  rates(list: readonly RateBasedOutcome[]): RateBasedOutcome[] {
    return list.map((one) => {
      if (!one.customValues) return one;
      const customValues = one.customValues.map((custom) => {
        const location = rateLocations[custom.key.toUpperCase()];
        const rule = location && this.#rules.find((one) => one.inRates && concerns(one, location, custom.name));
        return rule ? { ...custom, value: rule.hide(custom.value) } : custom;
      });
      return { ...one, customValues };
    });
  }

  #hider(part: Part, name?: string): ((value: string) => string) | undefined {
    return this.#rules.find(
      (rule) => rule.part === part && (!rule.names || (name !== undefined && rule.names.has(name))),
    )?.hide;
  }

  #pairs(text: string, part: 'cookie' | 'argument', separator: string): string {
    if (!this.#rules.some((rule) => rule.part === part)) return text;
    return text
      .split(separator.trim())
      .map((pair) => {
        const equals = pair.indexOf('=');
        const name = pair.slice(0, equals < 0 ? undefined : equals);
        const hidden = this.#hider(part, decoded(name.trim()).toLowerCase());
        if (!hidden || equals < 0) return pair;
        return `${name}=${hidden(pair.slice(equals + 1))}`;
      })
      .join(separator.trim());
  }
}

/** Where the values of a rate's keys come from. */
const rateLocations: Readonly<Record<string, MatchDetail['location']>> = {
  HEADER: 'HEADER',
  COOKIE: 'COOKIE',
  QUERY_ARGUMENT: 'SINGLE_QUERY_ARG',
  QUERY_STRING: 'QUERY_STRING',
  URI_PATH: 'URI',
  HTTP_METHOD: 'METHOD',
};

function ofRedactedField(field: FieldToMatch): Protected {
  const shared = { hide: substitute, inDetails: true, inRates: true };
  if (field.SingleHeader) {
    return { part: 'header', names: new Set([(field.SingleHeader.Name ?? '').toLowerCase()]), ...shared };
  }
  if (field.UriPath) return { part: 'path', ...shared };
  return { part: field.Method ? 'method' : 'query', ...shared };
}

/** Whether what was found there may hold the protected field. In doubt it does. */
function concerns(rule: Protected, location: MatchDetail['location'], foundIn: string | undefined): boolean {
  const name = foundIn?.toLowerCase();
  const isNamed = !rule.names || name === undefined || rule.names.has(name) || rule.names.has(decoded(name));
  switch (rule.part) {
    case 'header':
      return (location === 'HEADER' && isNamed) || (location === 'COOKIE' && (rule.names?.has('cookie') ?? true));
    case 'cookie':
      return (location === 'COOKIE' && isNamed) || (location === 'HEADER' && (name ?? 'cookie') === 'cookie');
    case 'argument':
      return location === 'QUERY_STRING' || location === 'URI_FRAGMENT' || (isQuery(location) && isNamed);
    case 'query':
      return isQuery(location) || location === 'URI_FRAGMENT';
    case 'body':
      return location === 'BODY' || location === 'JSON_BODY';
    case 'path':
      return location === 'URI' || location === 'URI_FRAGMENT';
    case 'method':
      return location === 'METHOD';
  }
}

function isQuery(location: MatchDetail['location']): boolean {
  return location === 'QUERY_STRING' || location === 'ALL_QUERY_ARGS' || location === 'SINGLE_QUERY_ARG';
}

/** A name may be written with escapes, and means the same. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
