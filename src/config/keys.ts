/** The parts of the configuration's schema about KMS keys that exist from the start, with ids and material of their own. */
import type { Shape } from './schema.ts';

export interface KmsConfig {
  /** A seed file of local-kms; relative to the configuration file. */
  readonly seedFile?: string;
  /** Whose keys the seed file makes; the first account of the configuration by default. */
  readonly seedAccount?: string;
  readonly seedRegion?: string;
  /** PEM, beside the root of AWS Nitro: whose attestation documents are believed. */
  readonly attestationRoots?: readonly string[];
  /** AWS's request quotas; none by default. */
  readonly documentedQuotas?: boolean;
  readonly requestQuotas?: readonly { readonly quota: string; readonly perSecond: number }[];
  readonly keysPerRegion?: number;
  readonly grantsPerKey?: number;
  readonly sm2Everywhere?: boolean;
}

export interface KmsKeyConfig {
  readonly id: string;
  /** The home region by default. */
  readonly region?: string;
  readonly description?: string;
  readonly spec?: string;
  readonly usage?: string;
  /** Hexadecimal, base64 or PEM. */
  readonly material?: string;
  readonly aliases?: readonly string[];
  readonly policy?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly multiRegion?: boolean;
}

/** A text that matches a pattern as a whole. */
function text(about: string, pattern: RegExp, explanation: string): Shape {
  return {
    type: 'text',
    about,
    pattern: pattern.source,
    problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`),
  };
}

const region = text('Region', /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}$/, 'a region such as us-east-1');

export const kms: Shape = {
  type: 'object',
  about: 'The Key Management Service: where further keys come from, quotas, and whom it believes',
  members: {
    seedFile: { type: 'text', about: 'A seed file of local-kms (YAML), relative to this file' },
    seedAccount: text('Whose keys they are; the first account by default', /^[0-9]{12}$/, '12 digits in quotes'),
    seedRegion: region,
    attestationRoots: {
      type: 'list',
      about: 'Whose attestation documents are believed, beside AWS Nitro',
      of: text(
        'Certificate',
        /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/,
        'a certificate as PEM text',
      ),
    },
    documentedQuotas: { type: 'flag', about: 'Throttle requests as AWS does; without it nothing is throttled' },
    requestQuotas: {
      type: 'list',
      about: 'Request quotas of an account in a region, in place of the documented ones',
      of: {
        type: 'object',
        about: 'A request quota',
        required: ['quota', 'perSecond'],
        members: {
          quota: text('An operation, or one of the shared quotas', /^[\w ()-]{1,64}$/, 'the name of a request quota'),
          perSecond: { type: 'number', about: 'Requests per second', least: 1 },
        },
      },
    },
    keysPerRegion: {
      type: 'number',
      about: 'Customer managed keys of an account in a region; 100000 by default',
      least: 1,
    },
    grantsPerKey: { type: 'number', about: 'Grants on a key; 50000 by default', least: 1 },
    sm2Everywhere: { type: 'flag', about: 'Offer SM2 in all regions, not those of China alone' },
  },
};

export const kmsKeys: Shape = {
  type: 'list',
  about: 'KMS keys that exist because they are written here: for tests, since whoever reads this file has the material',
  of: {
    type: 'object',
    about: 'A KMS key',
    required: ['id'],
    members: {
      id: text('Key id', /^[A-Za-z0-9-]{1,64}$/, '1 to 64 letters, digits and dashes'),
      region,
      description: text('Description', /^[\s\S]{0,8192}$/, 'at most 8192 characters'),
      spec: text('KeySpec; SYMMETRIC_DEFAULT, or what the material is', /^[A-Z0-9_]{1,40}$/, 'a KeySpec of KMS'),
      usage: text('KeyUsage, where the spec leaves a choice', /^[A-Z_]{1,40}$/, 'a KeyUsage of KMS'),
      material: {
        type: 'text',
        asWritten: true,
        about: 'Hexadecimal, base64 (of PKCS #8 for key pairs) or PEM; made when it is first needed if left out',
      },
      aliases: {
        type: 'list',
        about: 'Aliases',
        of: text('Alias', /^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/, 'alias/ and a name'),
      },
      policy: { type: 'document', about: 'Key policy, as text or as a mapping; by default the account decides by IAM' },
      tags: { type: 'tags', about: 'Tags: key to value' },
      multiRegion: { type: 'flag', about: 'A multi-Region primary key; its id begins with mrk-' },
    },
  },
};
