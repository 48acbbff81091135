/** What may stand in an IP set. */
import { type Cidr, parseCidr } from '../../engines/text/address.ts';
import { invalidParameter, limitsExceeded, reasons } from './errors.ts';
import type { Quotas } from './quotas.ts';

/**
 * CIDR blocks of one family, with their prefix. As AWS does, a set of everything is refused, and an IPv4 address that is
 * not the first of its block (`195.178.188.66/29`); of IPv6, AWS takes such.
 * @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException
 */
export function requireAddresses(addresses: readonly string[], version: 'IPV4' | 'IPV6', quotas: Quotas): void {
  if (addresses.length > quotas.addressesPerIpSet) throw limitsExceeded('IP_ADDRESS');
  for (const text of addresses) {
    const isOfFamily = text.includes(':') === (version === 'IPV6');
    const block = isOfFamily && text.includes('/') ? parseCidr(text) : undefined;
    if (!block || block.bits === 0 || (version === 'IPV4' && !isFirst(block))) {
      throw invalidParameter('IP_ADDRESS', text, reasons.format);
    }
  }
}

function isFirst({ groups, bits }: Cidr): boolean {
  return groups.every((group, at) => {
    const hostBits = 16 - Math.min(16, Math.max(0, bits - 16 * at));
    return (group & ((1 << hostBits) - 1)) === 0;
  });
}
