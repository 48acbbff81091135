/** Which of several records of one name and type are the answer: by weight, by failover, or all that are well. */
import type { DnsRecordSettings } from '../snapshot.ts';

/** Records of one multi-value answer (Route 53 Developer Guide, "Multivalue answer routing"). */
const MOST_VALUES = 8;

/** @param random from 0 to 1, exclusive */
export function choose(records: readonly DnsRecordSettings[], random: () => number): readonly DnsRecordSettings[] {
  const [first] = records;
  if (first === undefined || records.length === 1) return records;
  const well = records.filter(({ isHealthy }) => isHealthy !== false);
  // Where nothing is well, everything is tried: an answer may work, none cannot.
  const usable = well.length > 0 ? well : records;
  if (first.failover !== undefined) {
    const primary = usable.filter(({ failover }) => failover === 'PRIMARY');
    return primary.length > 0 ? primary : usable;
  }
  if (first.weight !== undefined) return weighted(usable, random);
  return [...usable].sort(() => random() - 0.5).slice(0, MOST_VALUES);
}

function weighted(records: readonly DnsRecordSettings[], random: () => number): readonly DnsRecordSettings[] {
  const total = records.reduce((sum, { weight = 0 }) => sum + weight, 0);
  // Nothing but zeros: everybody alike.
  if (total === 0) return records.slice(Math.floor(random() * records.length)).slice(0, 1);
  let left = random() * total;
  for (const record of records) {
    left -= record.weight ?? 0;
    if (left < 0) return [record];
  }
  return records.slice(-1);
}
