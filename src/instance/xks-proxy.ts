/** Opens the XKS proxy that the configuration asks for. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Config } from '../config/config.ts';
import { listen } from '../gateway/server.ts';
import type { ExternalKeys } from '../xks-proxy/ports.ts';
import { createXksProxy } from '../xks-proxy/server.ts';
import { isLoopback } from './transport/listeners.ts';

export interface OpenProxy {
  readonly server: Server;
  /** `https://127.0.0.1:8443` */
  readonly endpoint: string;
}

/** Throws an Error whose message says what to do. */
export async function openXksProxy(config: Config['xksProxy'], keys: ExternalKeys): Promise<OpenProxy | undefined> {
  if (!config) return undefined;
  const { certificate, privateKey, host = '127.0.0.1', port } = config;
  if ((certificate === undefined) !== (privateKey === undefined)) {
    throw new Error('xksProxy needs both certificate and privateKey, or neither.');
  }
  if (certificate === undefined && !isLoopback(host)) {
    throw new Error(`xksProxy.host ${host} is not a loopback address: name a certificate and a privateKey too.`);
  }
  const stores = config.stores.map(({ prefix = '', credentials, keys: served = [] }) => ({
    prefix,
    credentials: credentials.map(({ id, secret }) => ({ accessKeyId: id, secret })),
    keys: new Map(served.map(({ id, key }) => [id, key])),
  }));
  if (new Set(stores.map(({ prefix }) => prefix)).size < stores.length) {
    throw new Error('Two stores of xksProxy have the same prefix.');
  }
  const files =
    certificate === undefined || privateKey === undefined
      ? undefined
      : { cert: readFileSync(certificate), key: readFileSync(privateKey) };
  const server = createXksProxy({ stores, keys, now: Date.now }, files);
  const bound = await listen(server, host, port);
  return { server, endpoint: `${files ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}` };
}
