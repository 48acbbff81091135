/**
 * What is always on in front of every protected address (Shield Standard): packets that make no sense, reflected answers
 * that nobody asked for, floods from single sources, and SYN floods, which are answered without remembering anything.
 */
import { type Family, families, ofFamily } from '../family.ts';
import { addressType, chain, header, set } from './text.ts';

export interface Vector {
  /** As Shield names attack vectors (Shield API Reference, AttackVectorDescription). */
  readonly name: string;
  /** Of the named counter in the table. */
  readonly counter: string;
}

/** UDP services that answer with more than they are asked, by source port (CISA alert TA14-017A lists them). */
const reflectors: readonly (readonly [port: number, vector: string])[] = [
  [17, 'GENERIC_UDP_REFLECTION'],
  [19, 'CHARGEN_REFLECTION'],
  [53, 'DNS_REFLECTION'],
  [69, 'GENERIC_UDP_REFLECTION'],
  [111, 'PORT_MAPPER'],
  [123, 'NTP_REFLECTION'],
  [137, 'NET_BIOS_REFLECTION'],
  [161, 'SNMP_REFLECTION'],
  [389, 'GENERIC_UDP_REFLECTION'],
  [520, 'RIP'],
  [1434, 'MSSQL_REFLECTION'],
  [1900, 'SSDP_REFLECTION'],
  [3702, 'GENERIC_UDP_REFLECTION'],
  [5353, 'GENERIC_UDP_REFLECTION'],
  [11_211, 'MEMCACHED_REFLECTION'],
];

const counterOf = (vector: string): string => `vector_${vector.toLowerCase()}`;
const others = ['SYN_FLOOD', 'UDP_FRAGMENT', 'UDP_TRAFFIC', 'ICMP_FLOOD', 'INVALID_PACKET'];

/** Every vector that is counted, for those who read the counters. */
export const vectors: readonly Vector[] = [...new Set([...reflectors.map(([, vector]) => vector), ...others])].map(
  (vector) => ({ name: vector, counter: counterOf(vector) }),
);

export interface ShaperLimits {
  /** New UDP flows a second from one source. */
  readonly udpFlowsPerSource: number;
  /** ICMP packets a second from one source. */
  readonly icmpPerSource: number;
  /** UDP fragments a second to one protected address. */
  readonly fragmentsPerAddress: number;
  /** Handshakes a second with one public port; those above it are answered on the host's behalf, without memory. */
  readonly handshakesPerPort: number;
}

export const defaultLimits: ShaperLimits = {
  udpFlowsPerSource: 100,
  icmpPerSource: 20,
  fragmentsPerAddress: 50,
  handshakesPerPort: 100,
};

export interface Guarded {
  /** Of the hosts behind this node. */
  readonly addresses: readonly string[];
  /** TCP ports of protected addresses that everybody may reach: their handshakes are answered on the host's behalf. */
  readonly publicPorts: readonly { readonly address: string; readonly port: number }[];
}

/** Sources that a meter remembers: a flood of forged addresses must not cost memory. */
const MOST_SOURCES = 65_535;

export function shaperSets(guarded: Guarded): string[] {
  const counters = vectors.map(({ counter }) => `  counter ${counter} { }`);
  const sets = families.flatMap((family) => {
    const type = addressType(family);
    const open = guarded.publicPorts.filter(({ address }) => ofFamily(family, [address]).length > 0);
    const dynamic = `size ${MOST_SOURCES}\n    flags dynamic, timeout\n    timeout 10s`;
    return [
      set(`guarded_${family}`, type, ofFamily(family, guarded.addresses)),
      set(`open_${family}`, `${type} . inet_service`, [
        ...new Set(open.map(({ address, port }) => `${address} . ${port}`)),
      ]),
      set(`udp_sources_${family}`, type, [], dynamic),
      set(`icmp_sources_${family}`, type, [], dynamic),
      set(`fragments_${family}`, type, [], dynamic),
      set(`handshakes_${family}`, `${type} . inet_service`, [], dynamic),
    ];
  });
  return [...counters, ...sets];
}

export function shaperChains(limits: ShaperLimits): string[] {
  return [
    // Before defragmentation (-400), where fragments can still be seen.
    chain(
      'fragments',
      families.map((family) => {
        const isFragment =
          family === '4' ? 'ip frag-off & 0x3fff != 0 ip protocol udp' : 'exthdr frag exists meta l4proto udp';
        const drop = `counter name ${counterOf('UDP_FRAGMENT')} drop`;
        const over = `update @fragments_${family} { ${header(family)} daddr limit rate over ${limits.fragmentsPerAddress}/second }`;
        return `${header(family)} daddr @guarded_${family} ${isFragment} ${over} ${drop}`;
      }),
      'type filter hook prerouting priority -450; policy accept;',
    ),
    // Before connection tracking: a SYN flood must not fill its table.
    chain(
      'handshakes',
      families.map((family) => {
        const syn = 'tcp flags & (fin | syn | rst | ack) == syn';
        const port = `${header(family)} daddr . tcp dport`;
        const { handshakesPerPort: most } = limits;
        return `${port} @open_${family} ${syn} update @handshakes_${family} { ${port} limit rate over ${most}/second burst ${most} packets } notrack`;
      }),
      'type filter hook prerouting priority raw; policy accept;',
    ),
    chain(
      'shapers',
      families.flatMap((family) => shaping(family, limits)),
      'type filter hook prerouting priority -150; policy accept;',
    ),
  ];
}

function shaping(family: Family, limits: ShaperLimits): string[] {
  const ip = header(family);
  const to = `${ip} daddr @guarded_${family}`;
  const drop = (vector: string): string => `counter name ${counterOf(vector)} drop`;
  const nonsense =
    'tcp flags & (fin | syn | rst | psh | ack | urg) == { 0x0, fin | psh | urg, fin | syn, syn | rst, fin | rst }';
  const icmp = family === '4' ? 'meta l4proto icmp' : 'icmpv6 type { echo-request, echo-reply }';
  return [
    `${to} ${nonsense} ${drop('INVALID_PACKET')}`,
    // An answer is tracked as established; what is new and comes from such a port was never asked for.
    ...reflectors.map(([port, vector]) => `${to} ct state new udp sport ${port} ${drop(vector)}`),
    `${to} ct state new meta l4proto udp update @udp_sources_${family} { ${ip} saddr limit rate over ${limits.udpFlowsPerSource}/second burst ${limits.udpFlowsPerSource} packets } ${drop('UDP_TRAFFIC')}`,
    `${to} ${icmp} update @icmp_sources_${family} { ${ip} saddr limit rate over ${limits.icmpPerSource}/second burst ${limits.icmpPerSource} packets } ${drop('ICMP_FLOOD')}`,
  ];
}

/**
 * The answer to handshakes that were not tracked, in the chain that sees them last. Without timestamps, whose echo the
 * kernel gets wrong towards the host, and so without window scaling: a price that is paid during a flood only.
 */
export function synproxyLines(): string[] {
  return families.map((family) => {
    const open = `${header(family)} daddr . tcp dport @open_${family}`;
    return `${open} ct state { invalid, untracked } counter name ${counterOf('SYN_FLOOD')} synproxy mss 1460`;
  });
}

/** What the node's kernel must be told, or a flood of handshakes fills the table of connections all the same. */
export const sysctls: Readonly<Record<string, string>> = {
  'net.netfilter.nf_conntrack_tcp_loose': '0',
  'net.netfilter.nf_conntrack_tcp_timeout_syn_sent': '5',
  'net.netfilter.nf_conntrack_tcp_timeout_syn_recv': '5',
};
