/** Reads certificate revocation lists (RFC 5280, 5.1) only as far as to count them: half a million entries in one pass. */
import { invalidRevocation } from './errors.ts';

interface Element {
  readonly tag: number;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** What a trust store takes is less; a longer list is not worth counting. */
const mostEntries = 1_000_000;

const integer = 0x02;
const bitString = 0x03;
const sequence = 0x30;
const utcTime = 0x17;
const generalizedTime = 0x18;
const isTime = ({ tag }: Element): boolean => tag === utcTime || tag === generalizedTime;

/** @throws RangeError for anything but one element that ends by `end` */
function elementAt(bytes: Uint8Array, at: number, end: number): Element {
  const first = bytes[at + 1];
  if (first === undefined) throw new RangeError('cut off');
  let length = first;
  let from = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 4) throw new RangeError('not DER');
    length = 0;
    for (let place = 0; place < count; place += 1) length = length * 256 + (bytes[from + place] ?? 0);
    from += count;
  }
  if (from + length > end) throw new RangeError('cut off');
  return { tag: bytes[at] ?? 0, from, to: from + length };
}

/** The elements one after another; more than `most` of them are not what is looked for. */
function* elements(bytes: Uint8Array, { from, to }: Element, most: number): Generator<Element> {
  let count = 0;
  for (let at = from; at < to; ) {
    const found = elementAt(bytes, at, to);
    count += 1;
    require(count <= most);
    yield found;
    at = found.to;
  }
}

function require(is: boolean): void {
  if (!is) throw new RangeError('not a revocation list');
}

/** TBSCertList: version, signature algorithm, issuer, this and next update, entries, extensions. */
function countEntries(bytes: Uint8Array, signed: Element): number {
  const parts = [...elements(bytes, signed, 7)];
  if (parts[0]?.tag === integer) parts.shift();
  const [algorithm, issuer, thisUpdate, ...rest] = parts;
  require(algorithm?.tag === sequence && issuer?.tag === sequence && thisUpdate !== undefined && isTime(thisUpdate));
  if (rest[0] && isTime(rest[0])) rest.shift();
  const entries = rest[0]?.tag === sequence ? rest[0] : undefined;
  let count = 0;
  for (const entry of entries ? elements(bytes, entries, mostEntries) : []) {
    require(entry.tag === sequence);
    const serial = elementAt(bytes, entry.from, entry.to);
    require(serial.tag === integer && isTime(elementAt(bytes, serial.to, entry.to)));
    count += 1;
  }
  return count;
}

export interface RevocationList {
  readonly entries: number;
  /** With the label `X509 CRL`, whatever form it came in. */
  readonly pem: Uint8Array;
}

/** PEM or DER. @throws AwsError InvalidRevocationContent */
export function readRevocationList(file: Uint8Array): RevocationList {
  try {
    const bytes = derOf(file);
    const list = elementAt(bytes, 0, bytes.length);
    require(list.tag === sequence && list.to === bytes.length);
    const [signed, algorithm, signature] = [...elements(bytes, list, 3)];
    if (signed?.tag !== sequence || algorithm?.tag !== sequence || signature?.tag !== bitString) throw new RangeError();
    const lines =
      Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    const pem = Buffer.from(`-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`);
    return { entries: countEntries(bytes, signed), pem };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidRevocation('The revocation file is not a certificate revocation list');
  }
}

function derOf(file: Uint8Array): Uint8Array {
  if (file[0] === sequence) return file;
  const text = Buffer.from(file).toString('latin1');
  const found = /^\s*-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CRL-----\s*$/.exec(text);
  require(found !== null);
  return Buffer.from(found?.[1] ?? '', 'base64');
}
