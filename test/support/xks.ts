/** Two instances, one of which is the external key store of the other; and a proxy that answers what a test tells it to. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateAliasCommand, CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Config } from '../../src/config/config.ts';
import { accountId, testConfig } from './instance.ts';

export const credential = {
  AccessKeyId: 'ABCDEFGHIJKLMNOPQRST',
  RawSecretAccessKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=',
};
/** Takes the place of the first one day: the proxy knows both. */
export const nextCredential = {
  AccessKeyId: 'NEXTEFGHIJKLMNOPQRST',
  RawSecretAccessKey: 'nextefghijklmnopqrstuvwxyz0123456789ABCDEFG=',
};

export const prefix = '/tenant/kms/xks/v1';
/** Ids of external keys; each is an alias of that name in the instance that holds them. */
const servedKeys = ['coffee', 'tea', 'disabled', 'asymmetric', 'closed', 'absent', 'spare', 'deleted'];

/** Of the instance whose keys others use. */
export const holderConfig: Config = {
  ...testConfig,
  xksProxy: {
    port: 0,
    stores: [
      {
        prefix: '/tenant',
        credentials: [credential, nextCredential].map(({ AccessKeyId, RawSecretAccessKey }) => ({
          id: AccessKeyId,
          secret: RawSecretAccessKey,
        })),
        keys: servedKeys.map((id) => ({ id, key: `arn:aws:kms:us-east-1:${accountId}:alias/${id}` })),
      },
    ],
  },
};

/** A key policy that lets the key be used as an external one, too. */
export function openPolicy(condition?: object): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { Service: 'cks.kms.us-east-1.amazonaws.com' },
        Action: ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt'],
        Resource: '*',
        ...(condition && { Condition: condition }),
      },
    ],
  });
}

export async function makeServed(client: KMSClient, alias: string, input: object = {}): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Policy: openPolicy(), ...input }));
  const id = KeyMetadata?.KeyId ?? '';
  await client.send(new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: id }));
  return id;
}

interface ToldAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Text, JSON, or what makes it once the request is known. */
  readonly body?: string | object | (() => object);
  readonly waitMs?: number;
}

export interface ToldProxy {
  readonly address: string;
  /** What the next requests are answered, by the last part of their path. */
  readonly answers: Map<string, ToldAnswer>;
  readonly seen: { readonly path: string; readonly body: Record<string, unknown> }[];
  stop(): Promise<void>;
}

export const healthy = {
  xksProxyFleetSize: 1,
  xksProxyVendor: 'Acme',
  xksProxyModel: 'Acme 1',
  ekmVendor: 'Acme',
  ekmFleetDetails: [{ id: 'one', model: 'Luna', healthStatus: 'ACTIVE' }],
};
export const served = { keySpec: 'AES_256', keyUsage: ['ENCRYPT', 'DECRYPT'], keyStatus: 'ENABLED' };

export async function startToldProxy(): Promise<ToldProxy> {
  const answers = new Map<string, ToldAnswer>();
  const seen: ToldProxy['seen'] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const path = incoming.url ?? '';
      seen.push({ path, body: JSON.parse(Buffer.concat(chunks).toString() || '{}') });
      const { status = 200, headers = {}, body = {}, waitMs = 0 } = answers.get(path.split('/').at(-1) ?? '') ?? {};
      const made = typeof body === 'function' ? body() : body;
      const text = typeof made === 'string' ? made : JSON.stringify(made);
      setTimeout(() => outgoing.writeHead(status, headers).end(text), waitMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  answers.set('health', { body: healthy });
  answers.set('metadata', { body: served });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
