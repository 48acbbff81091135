/** What the values of a record may be, by its type (Route 53 Developer Guide, "Supported DNS record types"). */
import { parseAddress } from '../../engines/text/address.ts';

const number = (text: string | undefined, most: number): boolean =>
  text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= most;
const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const hostName = new RegExp(`^(?:(?:\\*\\.)?${label}(?:\\.${label})*\\.?|\\.)$`);
const host = (text: string | undefined): boolean => text !== undefined && text.length <= 254 && hostName.test(text);

const checks: Readonly<Record<string, (value: string) => boolean>> = {
  A: (value) => parseAddress(value)?.length === 2 && !value.includes(':'),
  AAAA: (value) => value.includes(':') && parseAddress(value) !== undefined,
  CNAME: host,
  NS: host,
  PTR: host,
  MX: (value) => {
    const [preference, exchange, ...more] = value.split(/\s+/);
    return more.length === 0 && number(preference, 65_535) && host(exchange);
  },
  SRV: (value) => {
    const [priority, weight, port, target, ...more] = value.split(/\s+/);
    return more.length === 0 && [priority, weight, port].every((one) => number(one, 65_535)) && host(target);
  },
  TXT: (value) => texts(value) !== undefined,
  SPF: (value) => texts(value) !== undefined,
  CAA: (value) => /^\d{1,3} [a-z0-9]{1,15} "[^"]{0,1024}"$/i.test(value) && number(value.split(' ')[0], 255),
  SOA: (value) => {
    const [primary, mailbox, ...numbers] = value.split(/\s+/);
    return host(primary) && host(mailbox) && numbers.length === 5 && numbers.every((one) => number(one, 4_294_967_295));
  },
};

export const isKnownType = (type: string): boolean => Object.hasOwn(checks, type);
export const isValue = (type: string, value: string): boolean => checks[type]?.(value) ?? false;

/** The strings of a TXT record: each in quotes, at most 255 characters, with `\"`, `\\` and octal escapes. */
function texts(value: string): readonly string[] | undefined {
  const found: string[] = [];
  const pattern = /\s*"((?:[^"\\]|\\\d{3}|\\[^\d])*)"/y;
  let end = 0;
  for (let match = pattern.exec(value); match; match = pattern.exec(value)) {
    end = pattern.lastIndex;
    const text = (match[1] ?? '').replace(/\\(\d{3}|.)/g, (_all, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff) : escaped,
    );
    if (text.length > 255) return undefined;
    found.push(text);
  }
  return found.length > 0 && value.slice(end).trim() === '' ? found : undefined;
}
