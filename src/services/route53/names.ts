/** Domain names: as they are given, kept and shown. */
import { isNameOfAws } from '../../engines/text/aws-names.ts';
import { invalidName } from './errors.ts';

/**
 * Lower case, with a final dot.
 * @throws InvalidDomainName for what is no name
 */
export function fullName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  const isWell = labels.every(
    (label, index) =>
      label.length <= 63 && ((index === 0 && label === '*') || /^[a-z0-9_](?:[a-z0-9_/-]*[a-z0-9_])?$/.test(label)),
  );
  if (name.length < 1 || name.length > 253 || !isWell) throw invalidName(text);
  return `${name}.`;
}

/**
 * Names below which registries give names to everybody: top-level domains, and what most countries have in their place.
 * There are more (the Public Suffix List has thousands), which nothing here knows.
 */
const ofRegistries =
  /^(?:[^.]+|(?:ac|co|com|edu|gob|gouv|gov|govt|mil|net|nom|org)\.[a-z]{2}|(?:go|ne|or)\.(?:at|cr|id|jp|ke|kr|th|tz|ug)|(?:ltd|me|plc|sch)\.uk)\.$/;

/** Nobody's to have a public zone of: whoever had one would own every name below it. */
export const isReserved = (name: string): boolean => isNameOfAws(name) || ofRegistries.test(name);

export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** `/hostedzone/Z123` and `Z123` are the same. */
export const bareId = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
