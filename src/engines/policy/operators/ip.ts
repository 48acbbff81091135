/** IpAddress and NotIpAddress: one address in one of the policy's CIDR blocks, IPv4 or IPv6. */
import { contains, parseAddress, parseCidr } from '../../text/address.ts';
import { MALFORMED, MATCHED, MISSED, type Operator, pair } from './operator.ts';

const inside: Operator['compile'] = (values) => {
  const parsed = values.map(parseCidr);
  const blocks = parsed.filter((block) => block !== undefined);
  const miss = blocks.length < parsed.length ? MALFORMED : MISSED;
  return (value) => {
    const address = parseAddress(value);
    if (!address) return MALFORMED;
    for (const block of blocks) if (contains(block, address)) return MATCHED;
    return miss;
  };
};

export const ipAddress = pair(inside);
