/** Values of records, from the text that the API takes to what goes on the wire. */

const dotless = (name: string): string => name.replace(/\.$/, '') || '.';

/** Undefined for types that cannot be answered, and for values that are none. */
export function dataOf(type: string, value: string): unknown {
  const words = value.split(/\s+/);
  switch (type) {
    case 'A':
    case 'AAAA':
      return value;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return dotless(value);
    case 'MX':
      return { preference: Number(words[0]), exchange: dotless(words[1] ?? '') };
    case 'SRV':
      return {
        priority: Number(words[0]),
        weight: Number(words[1]),
        port: Number(words[2]),
        target: dotless(words[3] ?? ''),
      };
    case 'TXT':
    case 'SPF':
      return strings(value);
    case 'CAA': {
      const match = /^(\d+) (\S+) "(.*)"$/.exec(value);
      return match
        ? { flags: Number(match[1]), tag: match[2], value: match[3], issuerCritical: Number(match[1]) >= 128 }
        : undefined;
    }
    case 'SOA':
      return {
        mname: dotless(words[0] ?? ''),
        rname: dotless(words[1] ?? ''),
        serial: Number(words[2]),
        refresh: Number(words[3]),
        retry: Number(words[4]),
        expire: Number(words[5]),
        minimum: Number(words[6]),
      };
    default:
      return undefined;
  }
}

function strings(value: string): Buffer[] {
  return [...value.matchAll(/"((?:[^"\\]|\\\d{3}|\\[^\d])*)"/g)].map(([, text = '']) =>
    Buffer.from(
      text.replace(/\\(\d{3}|.)/g, (_all, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff) : escaped,
      ),
      'latin1',
    ),
  );
}
