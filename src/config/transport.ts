/** The part of the configuration's schema about TLS: certificates, and which clients must show one. */
import { isIP } from 'node:net';
import type { Shape } from './schema.ts';

export interface TransportConfig {
  /** Files, PEM; without them the own authority makes the certificate. */
  readonly certificate?: string;
  readonly privateKey?: string;
  /** Further names and addresses of the certificate. */
  readonly names?: readonly string[];
  /** How long a certificate of the own authority holds; 168 by default. */
  readonly leafHours?: number;
  readonly clientCertificates?: 'off' | 'optional' | 'required';
  readonly acme?: AcmeConfig;
}

export interface AcmeConfig {
  /** The directory of the certificate authority. */
  readonly directory: string;
  readonly email: string;
  readonly names: readonly string[];
  /** Where the authority's question over HTTP arrives; 80 by default. */
  readonly httpPort?: number;
  /** File of the root (PEM) that vouches for the directory itself, if it is no public one. */
  readonly ca?: string;
}

/** Files are named relative to the configuration's own. */
export function withFiles(config: TransportConfig, beside: (file: string) => string): TransportConfig {
  const { certificate, privateKey, acme } = config;
  return {
    ...config,
    ...(certificate !== undefined && { certificate: beside(certificate) }),
    ...(privateKey !== undefined && { privateKey: beside(privateKey) }),
    ...(acme?.ca !== undefined && { acme: { ...acme, ca: beside(acme.ca) } }),
  };
}

const dnsName = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export function dnsNameProblem(value: string): string | undefined {
  return value.length <= 253 && dnsName.test(value) ? undefined : 'must be a host name';
}

function nameProblem(value: string): string | undefined {
  if (isIP(value) !== 0 || dnsNameProblem(value) === undefined) return undefined;
  return 'must be a host name or an IP address';
}

/** Of an authority: what it says is believed, so nobody may stand between. */
export function directoryProblem(value: string): string | undefined {
  const url = URL.parse(value);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? undefined : 'must be an https:// address';
}

const file = (about: string): Shape => ({ type: 'text', about });

export const transport: Shape = {
  type: 'object',
  about: 'TLS: which certificate the listener shows, and which clients it takes',
  members: {
    certificate: file('File with the certificate chain (PEM); without it the own authority makes one'),
    privateKey: file('File with its private key (PEM)'),
    names: {
      type: 'list',
      about: 'Further names and addresses of the certificate',
      of: { type: 'text', about: 'Host name or IP address', problem: nameProblem },
    },
    leafHours: { type: 'number', about: 'How long a certificate of the own authority holds (default 168)', least: 1 },
    clientCertificates: {
      type: 'text',
      about: 'Whether clients show a certificate of the own authority: off, optional or required',
      problem: (value) =>
        ['off', 'optional', 'required'].includes(value) ? undefined : 'must be off, optional or required',
    },
    acme: {
      type: 'object',
      about: 'A public certificate authority that is asked by ACME',
      required: ['directory', 'email', 'names'],
      members: {
        directory: {
          type: 'text',
          about: 'Its directory',
          problem: directoryProblem,
        },
        email: { type: 'text', about: 'Whom it writes to' },
        names: {
          type: 'list',
          about: 'Names of the certificate',
          of: { type: 'text', about: 'Host name', problem: nameProblem },
        },
        httpPort: { type: 'number', about: 'Port of its question over HTTP (default 80)', least: 1 },
        ca: file('File of the root (PEM) that vouches for the directory'),
      },
    },
  },
};
