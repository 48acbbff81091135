/** AsnMatchStatement: the autonomous system of an address; 0 where none is known. */
import type { AsnMatchStatement } from '../types.ts';
import { forwardedReader } from './client-address.ts';
import type { CompileContext, Condition } from './condition.ts';

export function asnMatch(statement: AsnMatchStatement, context: CompileContext): Condition {
  const systems = new Set(statement.AsnList);
  const config = statement.ForwardedIPConfig;
  const forwarded = config && forwardedReader(config);
  return (inspection) => {
    let asn: number | undefined;
    if (forwarded) {
      const found = forwarded(inspection);
      if (!found) return 'skipped';
      const first = found.addresses[0];
      if (!first) return config.FallbackBehavior === 'MATCH' ? 'yes' : 'no';
      asn = context.resources.locate?.(first.text)?.asn;
    } else asn = inspection.request.source.asn;
    if (!systems.has(asn ?? 0)) return 'no';
    inspection.details.push({ conditionType: 'ASN', location: 'CLIENT_ADDRESS', matchedData: [String(asn ?? 0)] });
    return 'yes';
  };
}
