/** Domain names: as they are given, kept and shown. */
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

/** Names that load balancers, distributions and services have, or would have: nobody else says where they lead. */
export const isReserved = (name: string): boolean =>
  /(?:^|\.)(?:amazonaws\.com(?:\.cn)?|amazon\.com|cloudfront\.net|aws)\.$/.test(name);

export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** `/hostedzone/Z123` and `Z123` are the same. */
export const bareId = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
