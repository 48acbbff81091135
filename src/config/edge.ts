/** The part of the configuration's schema about the edge: how many processes carry traffic, and where they listen. */
import { isIP } from 'node:net';
import { edgeLocation, zone } from './regions.ts';
import type { Shape } from './schema.ts';

export interface EdgeConfig {
  /** One for each core by default. */
  readonly processes?: number;
  /** Where listeners bind; 127.0.0.1 by default. */
  readonly bindAddress?: string;
  /** `us-east-1a`: where this machine's node is; without zone and edge location it is everywhere. */
  readonly zone?: string;
  /** `FRA`: which edge location this machine's node is. */
  readonly edgeLocation?: string;
  /** File of certificate authorities (PEM) that vouch for HTTPS targets, beside those that the machine knows. */
  readonly targetAuthorities?: string;
  /** File in MaxMind's format that knows countries, in place of the one that comes with Bailey. */
  readonly countryDatabase?: string;
  /** File in MaxMind's format that knows autonomous systems. */
  readonly asnDatabase?: string;
  /** Files that managed rule groups go by. */
  readonly addressLists?: AddressListFiles;
  /** File of hashes of stolen user names and passwords. */
  readonly stolenCredentials?: string;
  readonly limits?: EdgeLimitsConfig;
  /** Where edge nodes of other machines come in; without it there are none. */
  readonly join?: { readonly host: string; readonly port: number; readonly advertise?: string };
  /** Where names of hosted zones and load balancers are answered. */
  readonly dns?: { readonly host?: string; readonly port?: number };
  /** Where distributions of CloudFront are served; nowhere by default. */
  readonly cloudfront?: { readonly port?: number; readonly securePort?: number };
}

export interface AddressListFiles {
  readonly reputation?: string;
  readonly reconnaissance?: string;
  readonly ddos?: string;
  readonly anonymous?: string;
  readonly hosting?: string;
}

interface EdgeLimitsConfig {
  readonly connections?: number;
  readonly connectionsPerSource?: number;
  readonly flows?: number;
  readonly flowsPerSource?: number;
  readonly datagramsPerSource?: number;
  readonly answeredPerSource?: number;
  readonly bodyBytes?: number;
  readonly headMs?: number;
}

/** Files are named relative to the configuration's own. */
export function withEdgeFiles(config: EdgeConfig, beside: (file: string) => string): EdgeConfig {
  const { targetAuthorities, countryDatabase, asnDatabase, addressLists, stolenCredentials } = config;
  return {
    ...config,
    ...(targetAuthorities !== undefined && { targetAuthorities: beside(targetAuthorities) }),
    ...(addressLists && {
      addressLists: Object.fromEntries(Object.entries(addressLists).map(([kind, file]) => [kind, beside(file)])),
    }),
    ...(stolenCredentials !== undefined && { stolenCredentials: beside(stolenCredentials) }),
    ...(countryDatabase !== undefined && { countryDatabase: beside(countryDatabase) }),
    ...(asnDatabase !== undefined && { asnDatabase: beside(asnDatabase) }),
  };
}

const number = (about: string, least: number): Shape => ({ type: 'number', about, least });

const list = (who: string, rule: string): Shape => ({ type: 'text', about: `File: ${who} (${rule})` });

export const edge: Shape = {
  type: 'object',
  about: 'The processes that carry traffic for load balancers',
  members: {
    processes: number('How many processes (default: one for each core)', 1),
    bindAddress: {
      type: 'text',
      about: 'Address on which listeners are served (default 127.0.0.1)',
      problem: (value) => (isIP(value) === 0 ? 'must be an IP address' : undefined),
    },
    zone,
    edgeLocation,
    targetAuthorities: { type: 'text', about: 'File of certificate authorities (PEM) that vouch for HTTPS targets' },
    addressLists: {
      type: 'object',
      about: 'Lists that AWS’s managed rule groups go by, a network on each line; without one its rule matches nothing',
      members: {
        reputation: list('Bad actors', 'AWSManagedIPReputationList'),
        reconnaissance: list('Who looks for weaknesses', 'AWSManagedReconnaissanceList'),
        ddos: list('Who floods others', 'AWSManagedIPDDoSList'),
        anonymous: list('Proxies, VPNs and Tor', 'AnonymousIPList'),
        hosting: list('Hosting providers', 'HostingProviderIPList'),
      },
    },
    stolenCredentials: {
      type: 'text',
      about:
        'File of stolen credentials: SHA-256 of user name, zero byte and password on each line, in hexadecimal, sorted (AttributeCompromisedCredentials)',
    },
    countryDatabase: {
      type: 'text',
      about: 'File (MMDB) that knows the countries of addresses, in place of the one that comes with Bailey',
    },
    asnDatabase: { type: 'text', about: 'File (MMDB) that knows the autonomous systems of addresses' },
    dns: {
      type: 'object',
      about: 'Where names of hosted zones and load balancers are answered, by UDP and TCP',
      members: {
        host: {
          type: 'text',
          about: 'Address (default: where listeners are served)',
          problem: (value) => (isIP(value) === 0 ? 'must be an IP address' : undefined),
        },
        port: number('Port; bailey up has 4553 by default', 1),
      },
    },
    cloudfront: {
      type: 'object',
      about: 'Where distributions are served, all on the same ports: the host of a request says which is meant',
      members: {
        port: number('Port without TLS; bailey up has 4580 by default', 1),
        securePort: number('Port of TLS; bailey up has 4543 by default', 1),
      },
    },
    join: {
      type: 'object',
      about: 'Where edge nodes of other machines come in, by TLS with certificates of the instance on both sides',
      required: ['host', 'port'],
      members: {
        host: {
          type: 'text',
          about: 'Address to listen on',
          problem: (value) => (isIP(value) === 0 ? 'must be an IP address' : undefined),
        },
        port: number('Port to listen on; 0 picks a free one', 0),
        advertise: { type: 'text', about: 'Name or address by which other machines reach it (default: host)' },
      },
    },
    limits: {
      type: 'object',
      about: 'Limits of each process',
      members: {
        connections: number('Open connections (default 20000)', 10),
        connectionsPerSource: number('Open connections of one address (default 10000)', 1),
        flows: number('Flows of UDP (default 8192)', 1),
        flowsPerSource: number('Flows of UDP of one address (default 1024)', 1),
        datagramsPerSource: number('Datagrams a second from one address (default 10000)', 1),
        answeredPerSource: number('Bytes of UDP a second to one address (default 8 MiB)', 65_507),
        bodyBytes: number('Bytes of a request body (default 1 GiB)', 1),
        headMs: number('Milliseconds for the head of a request (default 10000)', 100),
      },
    },
  },
};
