/** The shape of the configuration file; docs/config.schema.json is generated from it. */
import { isIP } from 'node:net';
import { certificates } from './certificates.ts';
import { edge } from './edge.ts';
import { instances, packets } from './instances.ts';
import { keyStores, xksProxy } from './key-stores.ts';
import { kms, kmsKeys } from './keys.ts';
import { listeners } from './listeners.ts';
import { edgeLocations, regions } from './regions.ts';
import { shield } from './shield.ts';
import { transport } from './transport.ts';
import { vault } from './vault.ts';
import { waf } from './waf.ts';

export type Check =
  | {
      readonly type: 'text';
      readonly about: string;
      readonly problem?: (value: string) => string | undefined;
      readonly pattern?: string;
      /** Digits without quotes are taken as they are written. */
      readonly asWritten?: true;
    }
  | { readonly type: 'number'; readonly about: string; readonly least: number }
  | { readonly type: 'flag'; readonly about: string };

export type Shape =
  | Check
  | {
      readonly type: 'object';
      readonly about: string;
      readonly members: Readonly<Record<string, Shape>>;
      readonly required?: readonly string[];
    }
  | { readonly type: 'list'; readonly about: string; readonly of: Shape }
  | { readonly type: 'tags'; readonly about: string }
  | { readonly type: 'document'; readonly about: string };

/** Text that must match a whole pattern of the operator's own file; the patterns are ours and linear. */
function text(about: string, pattern?: string, explanation?: string): Check {
  if (pattern === undefined) return { type: 'text', about };
  const compiled = new RegExp(`^(?:${pattern})$`, 'u');
  return {
    type: 'text',
    about,
    pattern: `^(?:${pattern})$`,
    problem: (value) => (compiled.test(value) ? undefined : `must be ${explanation ?? `text like ${pattern}`}`),
  };
}

const path = text('IAM path, / by default', '/|/[\\u0021-\\u007e]{1,510}/', 'an IAM path, such as /staff/');
const policyArns: Shape = {
  type: 'list',
  about: 'ARNs of managed policies to attach',
  of: text(
    'Policy ARN',
    'arn:aws:iam::(?:aws|[0-9]{12}):policy/[\\u0021-\\u007e]{1,640}',
    'the ARN of a managed policy',
  ),
};
const tags: Shape = { type: 'tags', about: 'Tags: key to value' };
const accessKey: Shape = {
  type: 'object',
  about: 'An access key that exists because it is written here',
  required: ['id', 'secret'],
  members: {
    id: text('Access key id', '[A-Za-z0-9_]{3,128}', '3 to 128 letters, digits and underscores'),
    secret: text('Secret access key', '[^]{1,512}', '1 to 512 characters'),
  },
};
const keys: Shape = { type: 'list', about: 'Access keys', of: accessKey };
const inlinePolicies: Shape = {
  type: 'list',
  about: 'Inline policies',
  of: {
    type: 'object',
    about: 'An inline policy',
    required: ['name', 'document'],
    members: {
      name: text('Policy name', '[\\w+=,.@-]{1,128}'),
      document: { type: 'document', about: 'Policy document, as text or as a mapping' },
    },
  },
};
const boundary = text(
  'ARN of the permissions boundary',
  'arn:aws:iam::(?:aws|[0-9]{12}):policy/[\\u0021-\\u007e]{1,640}',
);

const user: Shape = {
  type: 'object',
  about: 'An IAM user',
  required: ['name'],
  members: {
    name: text('User name', '[\\w+=,.@-]{1,64}'),
    path,
    policies: policyArns,
    inlinePolicies,
    groups: { type: 'list', about: 'Groups that the user belongs to', of: text('Group name', '[\\w+=,.@-]{1,128}') },
    permissionsBoundary: boundary,
    accessKeys: keys,
    tags,
  },
};

const group: Shape = {
  type: 'object',
  about: 'An IAM group',
  required: ['name'],
  members: { name: text('Group name', '[\\w+=,.@-]{1,128}'), path, policies: policyArns, inlinePolicies },
};

const role: Shape = {
  type: 'object',
  about: 'An IAM role',
  required: ['name', 'trustPolicy'],
  members: {
    name: text('Role name', '[\\w+=,.@-]{1,64}'),
    path,
    trustPolicy: { type: 'document', about: 'Trust policy, as text or as a mapping' },
    policies: policyArns,
    inlinePolicies,
    permissionsBoundary: boundary,
    tags,
  },
};

const account: Shape = {
  type: 'object',
  about: 'An account and what it starts with',
  required: ['id'],
  members: {
    id: text('Account id', '[0-9]{12}', '12 digits in quotes'),
    name: text('Account name', '[^]{1,50}', '1 to 50 characters'),
    email: text("The root user's email address", '[^\\s@]{1,64}@[^\\s@]{1,190}', 'an email address'),
    rootPassword: text("The root user's password", '[^]{8,128}', '8 to 128 characters'),
    rootAccessKeys: keys,
    users: { type: 'list', about: 'IAM users', of: user },
    groups: { type: 'list', about: 'IAM groups', of: group },
    roles: { type: 'list', about: 'IAM roles', of: role },
    keys: kmsKeys,
    policies: {
      type: 'list',
      about: 'Customer managed policies',
      of: {
        type: 'object',
        about: 'A customer managed policy',
        required: ['name', 'document'],
        members: {
          name: text('Policy name', '[\\w+=,.@-]{1,128}'),
          path,
          document: { type: 'document', about: 'Policy document, as text or as a mapping' },
        },
      },
    },
  },
};

function range(value: string): string | undefined {
  const [address = '', bits, ...more] = value.split('/');
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  const valid =
    version !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest));
  return valid ? undefined : 'must be an address or a CIDR range';
}

export const configuration: Extract<Shape, { type: 'object' }> = {
  type: 'object',
  about: 'Configuration of a Bailey instance',
  members: {
    region: text(
      'Home region of the instance',
      '[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}',
      'a region such as us-east-1',
    ),
    regions,
    edgeLocations,
    accounts: { type: 'list', about: 'Accounts that exist from the start', of: account },
    trustedProxies: {
      type: 'list',
      about: 'Peers whose X-Forwarded-For and X-Forwarded-Proto are believed',
      of: { type: 'text', about: 'Address or CIDR range', problem: range },
    },
    hosts: {
      type: 'list',
      about: 'Host names of this instance: bucket.NAME is the virtual host of a bucket',
      of: text('Host name', '[A-Za-z0-9.-]{1,253}', 'a host name'),
    },
    signatureV2: { type: 'flag', about: 'Take presigned S3 requests of the old form (signature version 2)' },
    rootOnlySupportPlans: { type: 'flag', about: 'Only root users may change the support plan (default true)' },
    cloudtrail: {
      type: 'object',
      about: 'Delivery of trails',
      members: { deliverySeconds: { type: 'number', about: 'How often log files are delivered', least: 1 } },
    },
    kms,
    waf,
    vault,
    keyStores,
    xksProxy,
    tls: transport,
    certificates,
    edge,
    instances,
    listeners,
    packets,
    shield,
  },
};
