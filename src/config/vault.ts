/** The part of the configuration's schema about the vault: its root of trust, and how often its domain key changes. */
import type { Shape } from './schema.ts';

export interface VaultConfig {
  /** What seals the root key: `key-file` by default. */
  readonly seal?: SealKind;
  /** Of the seal `passphrase`: without one an operator gives it with `bailey unseal`. */
  readonly passphraseFile?: string;
  readonly pkcs11?: {
    readonly module: string;
    readonly token: string;
    readonly pinFile: string;
    readonly label?: string;
    readonly environment?: Readonly<Record<string, string>>;
  };
  readonly kms?: {
    readonly endpoint?: string;
    readonly region: string;
    readonly keyId: string;
    /** A shared credentials file of AWS; the environment by default. */
    readonly credentialsFile?: string;
    readonly profile?: string;
    /** Certificates of authorities (PEM) that vouch for the endpoint. */
    readonly ca?: string;
  };
  /** Hours after which a new domain key is made; 24 by default. */
  readonly domainKeyHours?: number;
}

const sealKinds = ['key-file', 'passphrase', 'shamir', 'pkcs11', 'kms'] as const;
export type SealKind = (typeof sealKinds)[number];

/** A text that matches a pattern as a whole. */
function text(about: string, pattern: RegExp, explanation: string): Shape {
  return { type: 'text', about, problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`) };
}

const path = (about: string): Shape => text(about, /^\/[^\0]{1,1000}$/, 'an absolute path');

/** TLS everywhere but on this machine. */
function endpointProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)) return undefined;
  return 'must be https://HOST[:PORT], or http://HOST:PORT on loopback';
}

export const vault: Shape = {
  type: 'object',
  about: 'The vault, which holds all key material',
  members: {
    seal: {
      type: 'text',
      about: `What seals its root key: ${sealKinds.join(', ')} (default key-file)`,
      problem: (value) =>
        (sealKinds as readonly string[]).includes(value) ? undefined : `must be one of ${sealKinds.join(', ')}`,
    },
    passphraseFile: path('File with the passphrase in its first line (seal: passphrase); asked for without one'),
    pkcs11: {
      type: 'object',
      about: 'The token whose key seals the root key (seal: pkcs11)',
      required: ['module', 'token', 'pinFile'],
      members: {
        module: path("The vendor's PKCS #11 library"),
        token: text('Label of the token', /^[\u0020-\u007e]{1,32}$/, '1 to 32 printable characters'),
        pinFile: path('File with the PIN in its first line'),
        label: text('Label of the key in it (default bailey-root)', /^[\w.-]{1,64}$/, '1 to 64 letters and digits'),
        environment: { type: 'tags', about: 'Variables that the library reads, such as SOFTHSM2_CONF' },
      },
    },
    kms: {
      type: 'object',
      about: 'The KMS whose key seals the root key (seal: kms)',
      required: ['region', 'keyId'],
      members: {
        endpoint: { type: 'text', about: "Where it is; AWS's own by default", problem: endpointProblem },
        region: text('Its Region', /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}$/, 'a region such as us-east-1'),
        keyId: text(
          'ARN of the key',
          /^arn:aws[a-z-]{0,10}:kms:[a-z0-9-]{1,30}:[0-9]{12}:key\/[a-zA-Z0-9-]{1,128}$/,
          'the ARN of a KMS key',
        ),
        credentialsFile: path('Shared credentials file; by default the credentials of the environment'),
        profile: text('Profile in that file', /^[\w.@-]{1,64}$/, '1 to 64 letters and digits'),
        ca: path('Certificate authorities (PEM) that vouch for the endpoint'),
      },
    },
    domainKeyHours: { type: 'number', about: 'Hours until the domain key is replaced (default 24)', least: 1 },
  },
};
