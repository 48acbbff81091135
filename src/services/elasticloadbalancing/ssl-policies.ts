/**
 * The predefined security policies: which TLS versions and ciphers a listener speaks.
 * Source: "Security policies for your Application Load Balancer", Elastic Load Balancing documentation.
 */
import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';

/**
 * Ciphers in the order of preference, by class. 3: TLS 1.3; C: ChaCha20, which FIPS has not; G: ECDHE with GCM;
 * S: ECDHE with SHA-2; H: ECDHE with SHA-1; R: key exchange by RSA with GCM or SHA-2; L: the same with SHA-1; D: 3DES.
 */
const ciphers: readonly (readonly [string, string])[] = [
  ['3', 'TLS_AES_128_GCM_SHA256'],
  ['3', 'TLS_AES_256_GCM_SHA384'],
  ['C', 'TLS_CHACHA20_POLY1305_SHA256'],
  ['G', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['G', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['S', 'ECDHE-ECDSA-AES128-SHA256'],
  ['S', 'ECDHE-RSA-AES128-SHA256'],
  ['H', 'ECDHE-ECDSA-AES128-SHA'],
  ['H', 'ECDHE-RSA-AES128-SHA'],
  ['G', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['G', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['S', 'ECDHE-ECDSA-AES256-SHA384'],
  ['S', 'ECDHE-RSA-AES256-SHA384'],
  ['H', 'ECDHE-RSA-AES256-SHA'],
  ['H', 'ECDHE-ECDSA-AES256-SHA'],
  ['R', 'AES128-GCM-SHA256'],
  ['R', 'AES128-SHA256'],
  ['L', 'AES128-SHA'],
  ['R', 'AES256-GCM-SHA384'],
  ['R', 'AES256-SHA256'],
  ['L', 'AES256-SHA'],
  ['D', 'DES-CBC3-SHA'],
];

const protocols = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];

/** Name → classes of ciphers, and the newest and oldest version as places in `protocols`. */
const table: readonly (readonly [name: string, classes: string, newest: number, oldest: number])[] = [
  ['ELBSecurityPolicy-2016-08', 'GSHRL', 1, 3],
  ['ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09', '3CG', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-PQ-2025-09', '3CGS', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09', '3CGSR', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09', '3CGSHRL', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-3-PQ-2025-09', '3C', 0, 0],
  ['ELBSecurityPolicy-TLS13-1-0-PQ-2025-09', '3CGSHRL', 0, 3],
  ['ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09', '3G', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09', '3GS', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09', '3GSH', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09', '3GSR', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09', '3GSHRL', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09', '3', 0, 0],
  ['ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09', '3GSHRL', 0, 3],
  ['ELBSecurityPolicy-TLS13-1-2-2021-06', '3CGS', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06', '3CG', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06', '3CGSR', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06', '3CGSHRL', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-1-2021-06', '3CGSHRL', 0, 2],
  ['ELBSecurityPolicy-TLS13-1-0-2021-06', '3CGSHRL', 0, 3],
  ['ELBSecurityPolicy-TLS13-1-3-2021-06', '3C', 0, 0],
  ['ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04', '3GS', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04', '3G', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04', '3GSH', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04', '3GSR', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04', '3GSHRL', 0, 1],
  ['ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04', '3GSHRL', 0, 2],
  ['ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04', '3GSHRL', 0, 3],
  ['ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04', '3', 0, 0],
  ['ELBSecurityPolicy-FS-1-2-Res-2020-10', 'G', 1, 1],
  ['ELBSecurityPolicy-FS-1-2-Res-2019-08', 'GS', 1, 1],
  ['ELBSecurityPolicy-FS-1-2-2019-08', 'GSH', 1, 1],
  ['ELBSecurityPolicy-FS-1-1-2019-08', 'GSH', 1, 2],
  ['ELBSecurityPolicy-FS-2018-06', 'GSH', 1, 3],
  ['ELBSecurityPolicy-TLS-1-2-Ext-2018-06', 'GSHRL', 1, 1],
  ['ELBSecurityPolicy-TLS-1-2-2017-01', 'GSR', 1, 1],
  ['ELBSecurityPolicy-TLS-1-1-2017-01', 'GSHRL', 1, 2],
  ['ELBSecurityPolicy-TLS-1-0-2015-04', 'GSHRLD', 1, 3],
  ['ELBSecurityPolicy-2015-05', 'GSHRL', 1, 3],
];

/** "Other methods – The default security policy is …", when a listener is made without one. */
export const defaultPolicy = 'ELBSecurityPolicy-2016-08';

export const sslPolicies: readonly SslPolicy[] = table.map(([Name, classes, newest, oldest]) => ({
  Name,
  SslProtocols: protocols.slice(newest, oldest + 1),
  Ciphers: ciphers
    .filter(([kind]) => classes.includes(kind))
    .map(([, cipher], place) => ({ Name: cipher, Priority: place + 1 })),
  SupportedLoadBalancerTypes: ['application', 'network'],
}));

const byName = new Map(sslPolicies.map((policy) => [policy.Name, policy]));

export const sslPolicy = (name: string): SslPolicy | undefined => byName.get(name);
