/** `bailey edge …`: edge nodes on other machines: tokens to join with, who has joined, and the node itself. */
import { resolve } from 'node:path';
import { joinEdge } from '../main.ts';
import { ask } from './operator.ts';

interface Place {
  readonly data: string;
}

export async function token(options: Place & { readonly hours: string }): Promise<number> {
  const { token: made } = await ask<{ token: string }>(options.data, '/edge/token', { hours: Number(options.hours) });
  console.log(made);
  return 0;
}

interface Listed {
  readonly nodes: readonly {
    readonly id: string;
    readonly joinedAt: number;
    readonly isConnected: boolean;
    readonly place?: { readonly zone?: string; readonly edgeLocation?: string };
    readonly addresses?: readonly string[];
  }[];
}

export async function list({ data }: Place): Promise<number> {
  const { nodes } = await ask<Listed>(data, '/edge/nodes', {});
  for (const { id, joinedAt, isConnected, place, addresses = [] } of nodes) {
    const where = place?.zone ?? place?.edgeLocation ?? 'everywhere';
    const joined = `joined ${new Date(joinedAt).toISOString()}`;
    console.log([id, isConnected ? 'connected' : 'away', where, joined, addresses.join(' ')].join('  ').trimEnd());
  }
  return 0;
}

export async function remove(id: string, { data }: Place): Promise<number> {
  await ask(data, '/edge/remove', { id });
  return 0;
}

export interface NodeOptions {
  readonly data: string;
  readonly join?: string;
  readonly bind: string;
  readonly advertise?: string;
  readonly zone?: string;
  readonly edgeLocation?: string;
  readonly processes?: string;
}

/** Returns once the node has been told to end, by SIGTERM or SIGINT; its processes end with it. */
export async function node(options: NodeOptions): Promise<number> {
  const { data, join, bind, advertise, zone, edgeLocation, processes } = options;
  if (zone !== undefined && edgeLocation !== undefined) {
    throw new Error('A node is in a zone or is an edge location: give --zone or --edge-location.');
  }
  const joined = await joinEdge({
    folder: resolve(data),
    bindAddress: bind,
    ...(join !== undefined && { token: join }),
    ...(advertise !== undefined && { advertised: advertise.split(',') }),
    ...(zone !== undefined && { place: { zone } }),
    ...(edgeLocation !== undefined && { place: { edgeLocation } }),
    ...(processes !== undefined && { processes: Number(processes) }),
  });
  console.log(`This is edge node ${joined.id}; it carries traffic on ${bind}.`);
  await new Promise<void>((ended) => {
    process.once('SIGTERM', () => ended());
    process.once('SIGINT', () => ended());
  });
  await joined.close();
  return 0;
}
