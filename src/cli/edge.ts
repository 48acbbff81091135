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
  readonly nodes: readonly { readonly id: string; readonly joinedAt: number; readonly isConnected: boolean }[];
}

export async function list({ data }: Place): Promise<number> {
  const { nodes } = await ask<Listed>(data, '/edge/nodes', {});
  for (const { id, joinedAt, isConnected } of nodes) {
    console.log(`${id}  ${isConnected ? 'connected' : 'away'}  joined ${new Date(joinedAt).toISOString()}`);
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
  readonly processes?: string;
}

/** Returns once the node has been told to end, by SIGTERM or SIGINT; its processes end with it. */
export async function node({ data, join, bind, processes }: NodeOptions): Promise<number> {
  const joined = await joinEdge({
    folder: resolve(data),
    bindAddress: bind,
    ...(join !== undefined && { token: join }),
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
