/** Paths, queries and header values as node hands them over (a byte a character), decoded to text. */
import { WireFault } from '../fault.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant.
const ASCII = /^[\u0000-\u007f]*$/;

/** Text whose characters stand for bytes, read as UTF-8; left as it is when it is no UTF-8 or was text already. */
export function fromNetwork(text: string): string {
  if (ASCII.test(text)) return text;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return text;
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\uFFFD') ? text : decoded;
}

/** One path segment or key. @throws WireFault InvalidURI */
export function decodePath(text: string): string {
  const plain = fromNetwork(text);
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(plain);
  } catch {
    throw new WireFault('InvalidURI', "Couldn't parse the specified URI.", { status: 400 });
  }
}

/** Decoded query parameters: each name with all its values, in order. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** More parameters than any call takes. */
const MAX_PARAMETERS = 1000;

const noParameters: Query = new Map();

/** @throws WireFault InvalidURI */
export function parseQuery(query: string): Query {
  if (query === '') return noParameters;
  const found = new Map<string, string[]>();
  const pairs = query.split('&', MAX_PARAMETERS + 1);
  if (pairs.length > MAX_PARAMETERS) throw new WireFault('InvalidURI', 'Too many query parameters.', { status: 400 });
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodePath((equals === -1 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = equals === -1 ? '' : decodePath(pair.slice(equals + 1).replaceAll('+', ' '));
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return found;
}
