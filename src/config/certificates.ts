/** The part of the configuration's schema about Certificate Manager: which public authority signs, and for which names. */

import type { Shape } from './schema.ts';
import { directoryProblem, dnsNameProblem } from './transport.ts';

export interface CertificatesConfig {
  readonly acme?: PublicAuthorityConfig;
}

export interface PublicAuthorityConfig {
  /** The directory of the authority. */
  readonly directory: string;
  readonly email?: string;
  /** Names that are left to it: `example.com`, or `*.example.com` for all below; by default all but those that are nobody's in public. */
  readonly names?: readonly string[];
  /** Port at which its question over HTTP arrives at the edge; 80 by default. */
  readonly httpPort?: number;
  /** File of the root (PEM) that vouches for the directory itself, if it is no public one. */
  readonly ca?: string;
}

/** Files are named relative to the configuration's own. */
export function withCertificateFiles(config: CertificatesConfig, beside: (file: string) => string): CertificatesConfig {
  const { acme } = config;
  return acme?.ca === undefined ? config : { ...config, acme: { ...acme, ca: beside(acme.ca) } };
}

export const certificates: Shape = {
  type: 'object',
  about: 'Who signs what is requested of Certificate Manager, beside the instance’s own authority',
  members: {
    acme: {
      type: 'object',
      about: 'A public certificate authority that is asked by ACME',
      required: ['directory'],
      members: {
        directory: { type: 'text', about: 'Its directory', problem: directoryProblem },
        email: {
          type: 'text',
          about: 'Whom it writes to',
          problem: (value) => (/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(value) ? undefined : 'must be an email address'),
        },
        names: {
          type: 'list',
          about: 'Names that it signs for, *. for all below (default: all names that can be public)',
          of: { type: 'text', about: 'Host name', problem: dnsNameProblem },
        },
        httpPort: { type: 'number', about: 'Port of its question over HTTP at the edge (default 80)', least: 1 },
        ca: { type: 'text', about: 'File of the root (PEM) that vouches for the directory' },
      },
    },
  },
};
