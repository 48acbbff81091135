/** LDAP filters: what closes a filter and opens another, and whole filters. Text in brackets passes. */
import type { Detector } from './detector.ts';
import { around, evidence } from './evidence.ts';
import { trait, traitsOf } from './traits.ts';

const attribute = '(?:[a-zA-Z][\\w-]{0,40}|\\d+(?:\\.\\d+)+)(?::[\\w.]*:?)?';
const signs: readonly (readonly [reason: string, shape: RegExp])[] = [
  ['filters joined as LDAP joins them', new RegExp(`\\(\\s?[&|!]\\s?\\(\\s?(?:[&|!]\\s?\\(|${attribute}\\s?[~<>]?=)`)],
  [
    'a filter closed and another begun',
    new RegExp(`\\)\\s?\\(\\s?(?:[&|!]\\s?\\(|${attribute}[~<>]?=\\*?[^()\\n]{0,80}(?:\\*|\\)|$)|[&|!]$)`),
  ],
  [
    'a filter cut off',
    /\*\s?\)\s?(?:\)|\(|%00|\0|&|\|)|\)\s?%00|\*\)\(\w+=|\)\)\s?\([&|]|\(\s?[|&]\s?\(?\s?(?:$|\w+=\*\))/,
  ],
  ['a matching rule by number', /[\w;-]{1,40}:(?:dn:)?\d+(?:\.\d+){3,}:=/],
  [
    'attributes of directories',
    /\b(?:objectClass|userPassword|sAMAccountName|userPrincipalName|memberOf|uid|cn|sn|mail|department)\s?=\s?\*\s?(?:\)|$)|\bobjectCategory\s?=\s?\w+\)/i,
  ],
];

export const ldap: Detector = (text) => {
  const traits = traitsOf(text);
  if ((traits & trait.equals) === 0 && (traits & trait.parenthesis) === 0) return undefined;
  if ((traits & (trait.parenthesis | trait.star | trait.colon)) === 0 || text.length > 4096) return undefined;
  for (const [reason, shape] of signs) {
    const index = text.search(shape);
    if (index >= 0) return evidence('ldap', `LDAP: ${reason}`, around(text, index), 0.85);
  }
  return undefined;
};
