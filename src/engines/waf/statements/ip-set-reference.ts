/** IPSetReferenceStatement: an address lies in a set, the connection's or what a header claims. */
import { parseAddress } from '../../text/address.ts';
import { InvalidParameter } from '../invalid-parameter.ts';
import { NetworkSet } from '../network-set.ts';
import type { IPSetReferenceStatement } from '../types.ts';
import { forwardedReader } from './client-address.ts';
import type { CompileContext, Condition } from './condition.ts';

export function ipSetReference(statement: IPSetReferenceStatement, context: CompileContext): Condition {
  const definition = context.resources.ipSet(statement.ARN);
  if (!definition) {
    throw new InvalidParameter('IP_SET_REFERENCE_STATEMENT', statement.ARN, 'There is no such IP set.');
  }
  const set = new NetworkSet(definition.Addresses);
  const config = statement.IPSetForwardedIPConfig;
  const forwarded = config && forwardedReader(config, config.Position);
  return (inspection) => {
    if (forwarded) {
      const found = forwarded(inspection);
      if (!found) return 'skipped';
      if (found.addresses.length === 0) return config.FallbackBehavior === 'MATCH' ? 'yes' : 'no';
      const hit = found.addresses.find(({ address }) => set.has(address));
      if (!hit) return 'no';
      inspection.details.push({
        conditionType: 'IP_SET',
        location: 'HEADER',
        matchedFieldName: config.HeaderName,
        matchedData: [hit.text],
      });
      return 'yes';
    }
    const { ip } = inspection.request.source;
    const address = parseAddress(ip);
    if (!address || !set.has(address)) return 'no';
    inspection.details.push({ conditionType: 'IP_SET', location: 'CLIENT_ADDRESS', matchedData: [ip] });
    return 'yes';
  };
}
