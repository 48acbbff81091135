/** The parts of the configuration's schema about custom key stores: where they are, and this instance as one of others'. */
import { isIP } from 'node:net';
import type { Shape } from './schema.ts';

const endpoint = /^https:\/\/[a-zA-Z0-9.-]{2,120}$/;
const service = /^(?:com|eu)\.amazonaws\.vpce\.[a-z0-9-]{1,40}\.vpce-svc-[0-9a-z]{1,40}$/;

/** TLS everywhere but on this machine. */
function addressProblem(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  const isPlain = url !== undefined && (url.pathname === '/' || url.pathname === '') && url.search === '';
  if (isPlain && url.username === '' && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback))) {
    return undefined;
  }
  return 'must be https://HOST[:PORT], or http://HOST:PORT on loopback';
}

/** A text that matches a pattern as a whole. */
function text(about: string, pattern: RegExp, explanation: string): Shape {
  return { type: 'text', about, problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`) };
}

export const keyStores: Shape = {
  type: 'object',
  about: 'Custom key stores of KMS: what lies behind the names that callers use',
  members: {
    timeoutMs: { type: 'number', about: 'How long external key store proxies may take (default 250)', least: 1 },
    proxies: {
      type: 'list',
      about: 'External key store proxies in networks of your own; others must have public addresses',
      of: {
        type: 'object',
        about: 'A proxy',
        required: ['endpoint'],
        members: {
          endpoint: {
            type: 'text',
            about: 'XksProxyUriEndpoint of its key stores',
            problem: (value) => (endpoint.test(value) ? undefined : 'must be https:// and a host name'),
          },
          address: { type: 'text', about: 'Where it really listens', problem: addressProblem },
          ca: { type: 'text', about: 'File with the certificate authorities that vouch for it (PEM)' },
          vpcEndpointService: {
            type: 'text',
            about: 'XksProxyVpcEndpointServiceName that leads to it',
            problem: (value) => (service.test(value) ? undefined : 'must be the name of a VPC endpoint service'),
          },
        },
      },
    },
    clusters: {
      type: 'list',
      about: 'PKCS #11 tokens that stand for AWS CloudHSM clusters',
      of: {
        type: 'object',
        about: 'A token',
        required: ['id', 'account', 'module', 'token'],
        members: {
          id: text(
            'CloudHsmClusterId of its key store',
            /^cluster-[2-7a-zA-Z]{11,16}$/,
            'cluster- and 11 to 16 of 2-7, a-z',
          ),
          account: text('The account whose key store it is', /^[0-9]{12}$/, '12 digits in quotes'),
          module: text("Path of the vendor's PKCS #11 library", /^\/[^\0]{1,1000}$/, 'an absolute path'),
          token: text('Label of the token', /^[\u0020-\u007e]{1,32}$/, '1 to 32 printable characters'),
          user: text(
            'For libraries that take user:password for a PIN: the user',
            /^[\w.-]{1,64}$/,
            'letters, digits, dots, dashes, underscores',
          ),
          trustAnchor: { type: 'text', about: 'File with the certificate (PEM) that callers must know of it' },
          environment: { type: 'tags', about: 'Variables that the library reads, such as SOFTHSM2_CONF' },
        },
      },
    },
  },
};

export const xksProxy: Shape = {
  type: 'object',
  about: 'This instance as an external key store of others, such as AWS KMS (XKS Proxy API)',
  required: ['port', 'stores'],
  members: {
    port: { type: 'number', about: 'Port; 0 picks a free one', least: 0 },
    host: { type: 'text', about: 'Address to listen on (default 127.0.0.1); others than loopback need a certificate' },
    certificate: { type: 'text', about: 'File with the certificate and its chain (PEM)' },
    privateKey: { type: 'text', about: 'File with the private key of the certificate (PEM)' },
    stores: {
      type: 'list',
      about: 'Key stores, each under a path of its own',
      of: {
        type: 'object',
        about: 'A key store',
        required: ['credentials'],
        members: {
          prefix: text(
            'What stands before /kms/xks/v1; nothing by default',
            /^(?:\/[a-zA-Z0-9_-]{1,32}){1,3}$/,
            'a path such as /tenant',
          ),
          credentials: {
            type: 'list',
            about: 'XksProxyAuthenticationCredential: one, or two while one takes the place of the other',
            of: {
              type: 'object',
              about: 'A credential',
              required: ['id', 'secret'],
              members: {
                id: text('AccessKeyId', /^[A-Z2-7]{20,30}$/, '20 to 30 of A to Z and 2 to 7'),
                secret: text('RawSecretAccessKey', /^[a-zA-Z0-9/+=]{43,64}$/, '43 to 64 letters, digits, /, + and ='),
              },
            },
          },
          keys: {
            type: 'list',
            about: 'Keys that are served; their key policies must allow cks.kms.REGION.amazonaws.com too',
            of: {
              type: 'object',
              about: 'A key',
              required: ['id', 'key'],
              members: {
                id: text('XksKeyId', /^[a-zA-Z0-9._-]{1,128}$/, '1 to 128 letters, digits, dots, dashes, underscores'),
                key: text(
                  'ARN of the KMS key, or of an alias that stands for it',
                  /^arn:aws:kms:[a-z0-9-]{1,30}:[0-9]{12}:(?:key\/[a-zA-Z0-9-]{1,128}|alias\/[a-zA-Z0-9/_-]{1,250})$/,
                  'the ARN of a KMS key or of an alias',
                ),
              },
            },
          },
        },
      },
    },
  },
};
