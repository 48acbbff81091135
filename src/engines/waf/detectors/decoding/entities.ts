/** HTML character references as browsers read them: any number of zeros, with or without a semicolon. */
import { hexValue } from './percent.ts';

/** Those with which scripts are hidden; all others say letters that no detector looks for. */
const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
  ['nbsp', ' '],
  ['tab', '\t'],
  ['newline', '\n'],
  ['colon', ':'],
  ['semi', ';'],
  ['lpar', '('],
  ['rpar', ')'],
  ['sol', '/'],
  ['bsol', '\\'],
  ['equals', '='],
  ['grave', '`'],
  ['diacriticalgrave', '`'],
  ['period', '.'],
  ['comma', ','],
  ['excl', '!'],
  ['num', '#'],
  ['dollar', '$'],
  ['percnt', '%'],
  ['lbrace', '{'],
  ['lcub', '{'],
  ['rbrace', '}'],
  ['rcub', '}'],
  ['lsqb', '['],
  ['lbrack', '['],
  ['rsqb', ']'],
  ['rbrack', ']'],
  ['plus', '+'],
  ['ast', '*'],
  ['midast', '*'],
  ['vert', '|'],
  ['verbar', '|'],
  ['lowbar', '_'],
  ['hat', '^'],
  ['quest', '?'],
  ['commat', '@'],
  ['zerowidthspace', ''],
]);

/** Those that browsers take without a semicolon too. */
const lax: ReadonlySet<string> = new Set(['lt', 'gt', 'quot', 'amp', 'nbsp']);

/** Undefined where there is no reference. */
export function entityDecode(text: string): string | undefined {
  let out = '';
  let from = 0;
  for (let index = text.indexOf('&'); index >= 0; index = text.indexOf('&', index + 1)) {
    const found = text[index + 1] === '#' ? numeric(text, index + 2) : word(text, index + 1);
    if (found === undefined) continue;
    out += text.slice(from, index) + found.character;
    from = found.end;
    index = from - 1;
  }
  return from === 0 ? undefined : out + text.slice(from);
}

interface Found {
  readonly character: string;
  readonly end: number;
}

function numeric(text: string, start: number): Found | undefined {
  let index = start;
  const isHex = (text.charCodeAt(index) | 32) === 120;
  if (isHex) index++;
  const first = index;
  let value = 0;
  for (; index < text.length; index++) {
    const digit = hexValue(text.charCodeAt(index));
    if (digit < 0 || (!isHex && digit > 9)) break;
    value = Math.min(value * (isHex ? 16 : 10) + digit, 0x110000);
  }
  if (index === first) return undefined;
  if (text[index] === ';') index++;
  return { character: value > 0x10ffff ? '\ufffd' : String.fromCodePoint(value), end: index };
}

function word(text: string, start: number): Found | undefined {
  let index = start;
  while (index < text.length && index - start < 17 && /^[A-Za-z]$/.test(text[index]!)) index++;
  const name = text.slice(start, index).toLowerCase();
  if (text[index] === ';') {
    const character = named.get(name);
    return character === undefined ? undefined : { character, end: index + 1 };
  }
  for (const candidate of lax) {
    if (name.startsWith(candidate)) return { character: named.get(candidate)!, end: start + candidate.length };
  }
  return undefined;
}
