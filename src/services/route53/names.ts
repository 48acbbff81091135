/** Domain names: as they are given, kept and shown. */
import { isNameOfAws } from '../../engines/text/aws-names.ts';
import { invalidName } from './errors.ts';

/** Lower case, without a final dot, and without the escapes of those characters that names may have. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\\(052|057)/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Lower case, with a final dot.
 * @throws InvalidDomainName for what is no name
 */
export function fullName(text: string): string {
  const name = plain(text);
  const labels = name.split('.');
  const isWell = labels.every(
    (label, index) =>
      label.length <= 63 && ((index === 0 && label === '*') || /^[a-z0-9_](?:[a-z0-9_/-]*[a-z0-9_])?$/.test(label)),
  );
  if (name.length < 1 || name.length > 253 || !isWell) throw invalidName(text);
  return `${name}.`;
}

/**
 * Names below which registries give names to everybody: top-level domains, what most countries have in their place, and the
 * roots of addresses.
 * There are more (the Public Suffix List has thousands), which nothing here knows.
 */
const ofRegistries =
  /^(?:[^.]+|(?:ac|co|com|edu|gob|gouv|gov|govt|mil|net|nom|org)\.[a-z]{2}|(?:go|ne|or)\.(?:at|cr|id|jp|ke|kr|th|tz|ug)|(?:ltd|me|plc|sch)\.uk|(?:e164|in-addr|ip6)\.arpa)\.$/;

/** Nobody's to have a public zone of: whoever had one would own every name below it. */
export const isReserved = (name: string): boolean => isNameOfAws(name) || ofRegistries.test(name);

/** As Route 53 shows names: a star, a slash as their octal escapes. */
export const escaped = (name: string): string =>
  name.replace(/[^a-z0-9._-]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);

/**
 * As policies speak of a name, however a caller writes it.
 * @see Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control", normalized record names
 */
export const normalized = (text: string): string => escaped(plain(text));

export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** `/hostedzone/Z123` and `Z123` are the same. */
export const bareId = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
