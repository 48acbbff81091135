/** Pieces of an nftables script. What comes from outside is checked here, so that no name or address can say more than it is. */
import { canonicalCidr } from '../../text/address.ts';
import { type Family, familyOf } from '../family.ts';

export const addressType = (family: Family): string => (family === '4' ? 'ipv4_addr' : 'ipv6_addr');
/** `ip` or `ip6`, as in `ip saddr`. */
export const header = (family: Family): string => (family === '4' ? 'ip' : 'ip6');

/**
 * A name made of an id of the API (`sg-0a1b`), which nftables takes as an identifier.
 * @throws RangeError for anything that is no id
 */
export function name(prefix: string, id: string): string {
  if (!/^[a-z]{1,10}-[0-9a-z-]{1,40}$/.test(id)) throw new RangeError(`${JSON.stringify(id)} is no resource id`);
  return `${prefix}_${id.replaceAll('-', '_')}`;
}

/** @throws RangeError for what no kernel would take as a device */
export function device(text: string): string {
  if (!/^[\w.@-]{1,15}$/.test(text)) throw new RangeError(`${JSON.stringify(text)} is no network device`);
  return `"${text}"`;
}

/** A block as the kernel's tools read it: they do not take every form of IPv6. Undefined for what is none of the family. */
export function block(text: string, family: Family): string | undefined {
  return familyOf(text) === family ? canonicalCidr(text) : undefined;
}

/** A named set; empty ones have no `elements`, which nftables would refuse. */
export function set(label: string, type: string, elements: readonly string[], options = ''): string {
  const held = elements.length > 0 ? `\n    elements = { ${elements.join(', ')} }` : '';
  return `  set ${label} {\n    type ${type}${options === '' ? '' : `\n    ${options}`}${held}\n  }`;
}

export function verdictMap(label: string, type: string, entries: readonly (readonly [string, string])[]): string {
  const held =
    entries.length > 0
      ? `\n    elements = { ${entries.map(([key, verdict]) => `${key} : ${verdict}`).join(', ')} }`
      : '';
  return `  map ${label} {\n    type ${type} : verdict${held}\n  }`;
}

/** @param hook such as `type filter hook forward priority filter; policy accept;` */
export function chain(label: string, lines: readonly string[], hook?: string): string {
  const body = [...(hook === undefined ? [] : [hook]), ...lines].map((line) => `    ${line}\n`).join('');
  return `  chain ${label} {\n${body}  }`;
}
