/**
 * Requests that are not HTTP as its grammar has it, where what reads them differs about what they say: headers that browsers
 * and honest clients never send, methods that nobody serves, parts of forms whose names end in two places. Mere style passes.
 */
import type { Evidence } from '../detectors/detector.ts';
import { evidence } from '../detectors/evidence.ts';
import type { RequestView } from '../view.ts';

const broken = (reason: string, matched: string): Evidence => evidence('protocol', reason, matched, 0.8);

/** Character sets that detectors can read: those in which ASCII is ASCII, and UTF-16. */
const readable =
  /^(?:utf-?8(?:mb4)?|us-ascii|ascii|ansi|iso-?8859-?\d{1,2}|latin-?\d|windows-?(?:125\d|874|949|31j)|cp(?:125\d|866|9\d\d)|gbk|gb-?2312|gb-?18030|big5(?:-hkscs)?|shift[-_]?jis|sjis|ms932|euc-?(?:jp|kr|cn|tw)|koi8-?[ru]|ks_c_5601-1987|tis-620|utf-?16(?:le|be)?|iso-2022-(?:jp|kr)|macintosh|x-user-defined|null|undefined|)$/i;

const token = "[\\w!#$%&'*+.^`|~-]+";
const mediaType = new RegExp(`^${token}/${token}\\s*(?:;\\s*(?:${token}\\s?=\\s?(?:[^\\s;"]*|"[^"]*")\\s*)?)*$`);

function contentType(value: string): string | undefined {
  if (value === '' || /^[\w.+/-]{1,80}(?:;\s?charset=utf-8)?$/i.test(value)) return undefined;
  if (/boundary\s*=\s\s/i.test(value)) return 'a boundary behind blanks';
  const charsets = value.match(/\bcharset\s*=\s*["']?[\w:-]*/gi) ?? [];
  if (charsets.length > 1) return 'two character sets in one Content-Type';
  if ((value.match(/\bboundary\s*=/gi) ?? []).length > 1) return 'two boundaries in one Content-Type';
  const [charset] = charsets;
  if (charset !== undefined && !readable.test(charset.replace(/^charset\s*=\s*["']?/i, ''))) {
    return 'a character set in which attacks cannot be read';
  }
  return value.includes(',') || mediaType.test(value) ? undefined : 'a Content-Type that is none';
}

const mostRanges = 12;

/** Many ranges, or such as end before they begin, make old servers fill their memory. */
function ranges(value: string): string | undefined {
  const list = value.slice(0, 4096).split(',');
  const reversed = list.some((range) => {
    const ends = /^[^\d]{0,12}(\d{1,18})\s?-\s?(\d{1,18})\s?$/.exec(range);
    return ends !== null && Number(ends[2]) < Number(ends[1]);
  });
  return list.length > mostRanges || (list.length > 1 && reversed)
    ? 'many ranges of one file, or ranges that end before they begin'
    : undefined;
}

/** What is wrong with a header's value, by its name; undefined where nothing is. */
type Judge = (value: string, view: RequestView) => string | undefined;
const headers: readonly (readonly [name: string, judge: Judge])[] = [
  ['request-range', () => 'a header of browsers of 1996, past which limits on ranges are got'],
  ['range', ranges],
  ['proxy', () => 'a header that programs take for the address of a proxy'],
  // IIS reads it of clients whose name begins so.
  [
    'x-up-devcap-post-charset',
    (_, view) =>
      /^up/i.test(view.header('user-agent') ?? '')
        ? 'a header that changes the character set of what is sent'
        : undefined,
  ],
  [
    'content-range',
    (value, view) =>
      /^(?:GET|HEAD)$/.test(view.request.method) || !/^\s?\w+\s[\d*]+(?:-\d+)?\/(?:\d+|\*)\s?$/.test(value)
        ? 'a range of a body that is none'
        : undefined,
  ],
  ['if', (value) => (/^\s?[(<]/.test(value) && value.length < 1024 ? undefined : 'a condition of WebDAV that is none')],
  ['lock-token', (value) => (/^\s?<[^<>]{1,400}>\s?$/.test(value) ? undefined : 'a lock of WebDAV that is none')],
  ['content-type', contentType],
  ['accept-encoding', (value) => (value.length > 128 ? 'more encodings than there are' : undefined)],
  ['content-length', (value) => (/^\s*\d{1,15}\s*$/.test(value) ? undefined : 'a length that is no number')],
  ['transfer-encoding', transferEncoding],
  ['host', (value) => (/[^\w.:[\]%-]/.test(value.trim()) ? 'a host whose name cannot be one' : undefined)],
  [
    'authorization',
    (value) => (/^bearer\s+[\w.~+/-]+=+[\w.~+/-]/i.test(value) ? 'a token that goes on behind its end' : undefined),
  ],
  [
    'cookie',
    (value) =>
      value.includes('$Version') && /(?:^|;)\s?\$Version\s?=[^\n]{0,400}"/i.test(value)
        ? 'cookies of an old notation, with quotes around several'
        : undefined,
  ],
  [
    'referer',
    (value) => (/^(?![a-z-]{3,24}:)[^/?#]{0,200}\S\s+\S/i.test(value) ? 'an address that is none' : undefined),
  ],
];

function transferEncoding(value: string, view: RequestView): string | undefined {
  if (!/^\s?(?:(?:gzip|deflate|compress|br|identity),\s?)?(?:chunked|identity|gzip|deflate)\s?$/i.test(value)) {
    return 'an encoding of the transfer that there is not';
  }
  if (view.header('content-length') !== undefined) return 'two lengths of one body';
  return /^(?:GET|HEAD|TRACE)$/.test(view.request.method) ? 'a body of a request that has none' : undefined;
}

/** Values of headers that come twice are joined by a comma, which no length, host or token has. */
export function malformedHeader(view: RequestView): Evidence | undefined {
  for (const [name, judge] of headers) {
    const value = view.header(name);
    const reason = value === undefined ? undefined : judge(value, view);
    if (reason !== undefined) return broken(reason, `${name}: ${value}`);
  }
  return undefined;
}

const methods: ReadonlySet<string> = new Set(
  `GET HEAD POST PUT DELETE OPTIONS PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT MKACTIVITY CHECKOUT MERGE MKCALENDAR
ACL BIND UNBIND REBIND LINK UNLINK PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY M-SEARCH SOURCE QUERY VERSION-CONTROL CHECKIN UNCHECKOUT UPDATE LABEL
MKWORKSPACE BASELINE-CONTROL ORDERPATCH MKREDIRECTREF UPDATEREDIRECTREF PRI`.split(/\s+/),
);

/** TRACE answers with what was sent, cookies and all; TRACK and DEBUG are IIS’s; others are nobody’s. */
export function oddMethod(view: RequestView): Evidence | undefined {
  const { method } = view.request;
  return methods.has(method) || methods.has(method.toUpperCase())
    ? undefined
    : broken('a method that applications do not serve', method);
}

const mostParts = 200;
const entity = /&(?:#x?[0-9a-f]{1,7}|[a-z]{2,8});/gi;

/** Names of fields and files that end elsewhere for the next parser, and parts that cannot be read. */
export function malformedPart(view: RequestView): Evidence | undefined {
  const type = view.header('content-type');
  if (type === undefined || !/multipart\//i.test(type)) return undefined;
  let count = 0;
  for (const [line] of view.body.matchAll(/^content-(?:disposition|type|transfer-encoding)\s*:[^\r\n]{0,1024}/gim)) {
    if (++count > mostParts) break;
    const reason = /^content-disposition/i.test(line) ? disposition(line) : partEncoding(line);
    if (reason !== undefined) return broken(reason, line);
  }
  // The field in which browsers say in what they have written the others.
  const charset =
    /name\s*=\s*"?_charset_"?[^\r\n]{0,40}\r?\n(?:[\w-]{1,40}:[^\r\n]{0,100}\r?\n)*\r?\n([^\r\n]{0,60})/i.exec(
      view.body,
    )?.[1];
  return charset !== undefined && !readable.test(charset.trim())
    ? broken('a character set in which attacks cannot be read', charset)
    : undefined;
}

function disposition(line: string): string | undefined {
  // A quote may be part of a name only where a backslash stands before it, which is what parsers differ about.
  for (const [, name, quoted] of line.matchAll(/[;\s](filename\*?|name)\s*=\s*"((?:[^"\\]|\\.)*)"/gi)) {
    const plain = quoted!.replace(entity, '');
    if (name!.toLowerCase() === 'name' ? /[;=\\"']/.test(plain) : /[;"\\]/.test(plain)) {
      return 'the name of a field or file that ends elsewhere for others';
    }
  }
  return (line.match(/[;\s]name\s*=/gi) ?? []).length > 1 || (line.match(/[;\s]filename\s*=/gi) ?? []).length > 1
    ? 'two names of one part'
    : undefined;
}

function partEncoding(line: string): string | undefined {
  if (/^content-transfer-encoding\s*:\s*(?:base64|quoted-printable|x-\w+|\w*-?7)/i.test(line)) {
    return 'a part that is encoded once more';
  }
  const charset = /;\s*charset\s*=\s*["']?([\w:-]*)/i.exec(line)?.[1];
  return charset !== undefined && !readable.test(charset)
    ? 'a character set in which attacks cannot be read'
    : undefined;
}
