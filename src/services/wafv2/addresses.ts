/** What may stand in an IP set. */
import { parseCidr } from '../../engines/text/address.ts';
import { invalidParameter, limitsExceeded, reasons } from './errors.ts';
import type { Quotas } from './quotas.ts';

/**
 * CIDR blocks of one family, with their prefix; a set of everything is refused, as AWS does.
 * @throws AwsError WAFInvalidParameterException, WAFLimitsExceededException
 */
export function requireAddresses(addresses: readonly string[], version: 'IPV4' | 'IPV6', quotas: Quotas): void {
  if (addresses.length > quotas.addressesPerIpSet) throw limitsExceeded('IP_ADDRESS');
  for (const text of addresses) {
    const isOfFamily = text.includes(':') === (version === 'IPV6');
    const block = isOfFamily && text.includes('/') ? parseCidr(text) : undefined;
    if (!block || block.bits === 0) throw invalidParameter('IP_ADDRESS', text, reasons.format);
  }
}
