/** LDAP filters: what closes a filter and opens another, and whole filters. Text in brackets passes. */
import { cuesOf, wakenedBy } from './cues.ts';
import { findSign, type Sign, sign } from './signs.ts';
import { trait, traitsOf } from './traits.ts';

const attribute = '(?:[a-zA-Z][\\w-]{0,40}|\\d+(?:\\.\\d+)+)(?::[\\w.]*:?)?';
const signs: Sign[] = [
  sign(
    'filters joined as LDAP joins them',
    trait.parenthesis | trait.equals,
    new RegExp(`\\(\\s?[&|!]\\s?\\(\\s?(?:[&|!]\\s?\\(|${attribute}[~<>]?=[^\\s=])`),
  ),
  sign(
    'a filter closed and another begun',
    trait.parenthesis,
    new RegExp(`\\)\\s?\\(\\s?(?:[&|!]\\s?\\(|${attribute}[~<>]?=\\*?[^()\\n]{0,80}(?:\\*|\\)|$)|[&|!]$)`),
  ),
  sign(
    'a filter cut off',
    trait.parenthesis,
    /\*\s?\)\s?(?:\)|\(|%00|\0|&|\|)|\)\s?%00|\*\)\(\w+=|\)\s?\(\s?[&|!]\s?\)|\)\)\s?\([&|]|\(\s?[|&]\s?\(?\s?(?:$|\w+=\*\))/,
  ),
  sign('a matching rule by number', trait.colon | trait.equals | trait.dot, /[\w;-]{1,40}:(?:dn:)?\d+(?:\.\d+){3,}:=/),
  sign(
    'attributes of directories',
    trait.equals,
    /\b(?:objectClass|userPassword|sAMAccountName|userPrincipalName|memberOf|uid|cn|sn|mail|department)\s?=\s?\*\s?(?:\)|$)|\bobjectCategory\s?=\s?\w+\)/i,
  ),
];

export const ldap = wakenedBy(cuesOf(signs), (text) => {
  const traits = traitsOf(text);
  if ((traits & trait.equals) === 0 && (traits & trait.parenthesis) === 0) return undefined;
  if ((traits & (trait.parenthesis | trait.star | trait.colon)) === 0 || text.length > 4096) return undefined;
  const found = findSign('ldap', text, traits, signs, 0.85);
  // C casts pointers with the very brackets that cut filters off.
  return found !== undefined && text.length > 64 && /[;{}\n]/.test(text) ? undefined : found;
});
