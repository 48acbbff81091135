/** GeoMatchStatement: the country of an address; each request that is looked at gets labels for country and region. */
import type { Location } from '../resources.ts';
import type { GeoMatchStatement } from '../types.ts';
import { forwardedReader } from './client-address.ts';
import type { CompileContext, Condition } from './condition.ts';

export function geoMatch(statement: GeoMatchStatement, context: CompileContext): Condition {
  const countries = new Set(statement.CountryCodes);
  const config = statement.ForwardedIPConfig;
  const forwarded = config && forwardedReader(config);
  const prefix = config ? 'awswaf:forwardedip:geo' : 'awswaf:clientip:geo';
  return (inspection) => {
    let location: Location;
    if (forwarded) {
      const found = forwarded(inspection);
      if (!found) return 'skipped';
      const first = found.addresses[0];
      if (!first) return config.FallbackBehavior === 'MATCH' ? 'yes' : 'no';
      location = context.resources.locate?.(first.text) ?? {};
    } else location = inspection.request.source;
    const country = location.country ?? 'XX';
    inspection.addLabel(`${prefix}:country:${country}`);
    inspection.addLabel(`${prefix}:region:${location.region ?? `${country}-XX`}`);
    if (location.country === undefined || !countries.has(location.country)) return 'no';
    inspection.details.push({ conditionType: 'GEO', location: 'CLIENT_ADDRESS', matchedData: [location.country] });
    return 'yes';
  };
}
