/** Addresses in parameters: of metadata services, of the host itself in disguise, of code to include. Ordinary URLs pass. */
import { wakenedBy } from '../cues.ts';
import type { Evidence } from '../detector.ts';
import { around, evidence } from '../evidence.ts';
import { Gate, shape } from '../shapes/shape.ts';
import { trait, traitsOf } from '../traits.ts';
import { ipv4Of, isOrdinaryNotation } from './addresses.ts';

const metadataNames =
  /^(?:metadata(?:\.google\.internal|\.goog|\.packet\.net|\.platformequinix\.com)?|instance-data(?:\.ec2\.internal)?|(?:www\.)?169\.254\.169\.254\.(?:nip\.io|sslip\.io|xip\.io)|a9fea9fe\.nip\.io|kubernetes\.default(?:\.svc.*)?)$/;

/** 169.254.169.254 (AWS, Azure, GCP, …), .170.2 (ECS), .169.250/251/253, 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle). */
const metadataAddresses: ReadonlySet<number> = new Set([
  0xa9fea9fe, 0xa9feaa02, 0xa9feaa17, 0xa9fea9fa, 0xa9fea9fb, 0xa9fea9fd, 0x646464c8, 0xc00000c0,
]);

/** What follows the slashes: a name and password, perhaps, and the host. */
const authority = /[/\\]{0,2}(?:[^\s/\\@?#]{0,64}@)?(\[[0-9a-f:.]{2,45}\]|[^\s/\\:?#"'<>)&,;]{1,255})/iy;
const mostAddresses = 64;

const metadataPaths = shape(
  /\/latest\/(?:meta-data|user-data|dynamic\/instance-identity|api\/token)|computemetadata\/v1|metadata\/instance\?api-version|\/opc\/v[12]\/instance|\/metadata\/identity\/oauth2/i,
);

/** One of these is in every name and address of such a service that stands alone. */
const metadataHosts = new Gate([
  'metadata',
  'instance-data',
  '169.254.',
  'a9fea9fe',
  'kubernetes.default',
  '100.100.100.200',
  '[fd00:ec2::',
]);

const metadataCues = [{ gate: new Gate(['//']) }, { all: trait.slash, gate: metadataPaths }, { gate: metadataHosts }];

export const metadataRequest = wakenedBy(metadataCues, (text) => {
  if (text.length < 7) return undefined;
  const traits = traitsOf(text);
  if ((traits & trait.slash) !== 0) {
    let count = 0;
    for (let index = text.indexOf('//'); index >= 0 && count < mostAddresses; index = text.indexOf('//', index + 2)) {
      count++;
      authority.lastIndex = index;
      const host = authority.exec(text)?.[1];
      const found = host === undefined ? undefined : judgeHost(host.toLowerCase(), text, index);
      if (found !== undefined) return found;
    }
    if (metadataPaths.test(text)) {
      return evidence('ssrf', 'the path of a cloud’s metadata service', text, 0.9);
    }
  }
  if (!metadataHosts.isOpen(text)) return undefined;
  const whole = text.trim().toLowerCase();
  if (
    whole.length < 64 &&
    (whole.startsWith('169.254.') ||
      metadataNames.test(whole) ||
      whole === '100.100.100.200' ||
      whole.startsWith('[fd00:ec2::'))
  ) {
    const host = whole.replace(/[:/].*$/, '');
    if (
      metadataNames.test(whole)
        ? whole !== 'metadata'
        : metadataAddresses.has(ipv4Of(host) ?? -1) || whole.startsWith('[fd')
    ) {
      return evidence('ssrf', 'the address of a cloud’s metadata service', text, 0.9);
    }
  }
  return undefined;
});

/** 10/8, 172.16/12, 192.168/16, 169.254/16. */
function isWithin(value: number): boolean {
  return value >>> 24 === 10 || value >>> 20 === 0xac1 || value >>> 16 === 0xc0a8 || value >>> 16 === 0xa9fe;
}

function judgeHost(host: string, text: string, index: number): Evidence | undefined {
  if (metadataNames.test(host) || /^\[fd00:ec2::(?:254|23)\]$/.test(host)) {
    return evidence('ssrf', 'the name of a cloud’s metadata service', around(text, index), 0.95);
  }
  const value = /[\d[]/.test(host) ? ipv4Of(host) : undefined;
  if (value === undefined || host.includes('::') || host.startsWith('[0')) {
    const found = judgeName(host, text, index);
    if (found !== undefined || value === undefined) return found;
  }
  if (metadataAddresses.has(value)) {
    return evidence('ssrf', 'the address of a cloud’s metadata service', around(text, index), 0.95);
  }
  const isOwn = value >>> 24 === 127 || value === 0 || isWithin(value);
  if (isOwn && !isOrdinaryNotation(host) && text[index - 1] === ':') {
    return evidence('ssrf', 'the address of a host within, written so that filters miss it', around(text, index), 0.85);
  }
  return undefined;
}

/** Names that resolve to the address within them, or to the host itself; and the host itself as IPv6 has it. */
function judgeName(host: string, text: string, index: number): Evidence | undefined {
  if (text[index - 1] !== ':') return undefined;
  const isOwn =
    /^\[(?:[0:]{2,39}1?|::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})\]$/.test(host) ||
    /^(?:[\w-]{1,63}\.){0,4}(?:localtest\.me|lvh\.me|lacolhost\.com|vcap\.me|yoogle\.com|lvh\.rocks|127-0-0-1\.org\.uk)$/.test(
      host,
    ) ||
    /(?:^|[.-])(?:127|10|0|169[.-]254|192[.-]168|172[.-](?:1[6-9]|2\d|3[01]))[.-](?:\d{1,3}[.-]){1,3}(?:nip|sslip|xip|traefik|backname)\.(?:io|me)$/.test(
      host,
    ) ||
    /(?:^|\.)(?:7f|0a|c0a8|a9fe|ac1)[0-9a-f]{4,6}\.(?:nip|sslip|xip)\.io$/.test(host);
  return isOwn
    ? evidence('ssrf', 'the name of a host within, written so that filters miss it', around(text, index), 0.8)
    : undefined;
}

/** Schemes with which files are read, code is included, or other services are spoken to. */
const schemes = shape(
  /(?:^|[\s"'=(,>:;|@])(?:php:\/\/(?:filter|input|fd|memory|temp|stdin|output)|(?:expect|ogg|rar|ssh2(?:\.\w+)?|glob|phar|zip|compress\.(?:zlib|bzip2)|gopher|dict|sftp|tftp|netdoc|jar|ldaps?|file|local_file|view-source|auth):(?:\/\/|\/[^/\s]|https?:)|data:[a-z/;,+-]{0,60}(?:<\?|PD9)|data:(?:\/\/)?text\/plain(?:[,;]|$))/i,
);

/** A name that ends, for what is written in C, before its end: behind a NUL another ending. */
const cut =
  /^[\x20-\x7e]{0,200}(?:\0\.(?:jpe?g|png|gif|pdf|txt|html?|docx?|xml|css|js|php|inc|ini)|\.(?:php\d?|phtml|aspx?|jspx?|cgi|pl|py|sh|exe|ini|conf|inc|log|txt|html?)\0[\x20-\x7e]{0,40})$/i;

const inclusionCues = [
  { any: trait.control },
  { gate: new Gate(['\\\\']) },
  { all: trait.colon, any: trait.slash | trait.less | trait.comma, gate: schemes },
  // What code ends with, in an address.
  {
    all: trait.colon | trait.slash,
    gate: new Gate('.txt .php .phtml .inc .cgi .pl .gif .jpg .png .sh .exe .ps1'.split(' ')),
  },
];

export const inclusion = wakenedBy(inclusionCues, (text) => {
  const traits = traitsOf(text);
  if ((traits & trait.control) !== 0 && text.includes('\0') && cut.test(text))
    return evidence('lfi', 'a name cut off by a NUL', text, 0.8);
  if (/^\\\\[\w.:[\]-]{2,64}\\[\w$.-]+/.test(text)) return evidence('rfi', 'a file share of another host', text, 0.8);
  if ((traits & trait.colon) === 0 || (traits & (trait.slash | trait.less | trait.comma)) === 0) return undefined;
  const index = schemes.search(text);
  if (index >= 0) {
    const isLink =
      /^.?(?:ldaps?|sftp):/i.test(text.slice(index)) && !/^\W?ldaps?:\/\/?[^/\s]+\/\S/i.test(text.slice(index));
    if (!isLink) return evidence('rfi', 'a scheme that reads files or includes code', around(text, index), 0.9);
  }
  // An address that is the whole value, of a script, or cut off by `?` so that what the application appends is lost.
  if (
    /^\s*(?:https?|ftp|ftps):\/\/[^\s?#]{1,400}(?:\.(?:txt|php\d?|phtml|inc|cgi|pl|gif|jpg|png)\?+(?:%00)?$|\.(?:php\d?|phtml|inc)\0)/i.test(
      text,
    )
  ) {
    return evidence('rfi', 'the address of code to include', text, 0.8);
  }
  if (
    /^\s*(?:https?|ftp):\/\/(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\/[^\s?#]{0,200}\.(?:txt|php\d?|phtml|inc|sh|pl|cgi|exe|ps1)\b/i.test(
      text,
    )
  ) {
    return evidence('rfi', 'the address of code on a bare IP address', text, 0.8);
  }
  return undefined;
});
