/** Talks to a running instance through its operator socket: whoever can open the socket owns the data folder. */
import { request } from 'node:http';
import { join, resolve } from 'node:path';

/** Nobody listens: no instance runs on that data folder. */
export class NotRunning extends Error {
  constructor(dataDir: string) {
    super(`No instance runs on ${dataDir}. Start one with: bailey up --data ${dataDir}`);
  }
}

/** @returns the parsed JSON answer; throws NotRunning, or an Error with the instance's sentence. */
export async function ask<O>(dataDir: string, path: string, input: object): Promise<O> {
  const socketPath = join(resolve(dataDir), 'operator.sock');
  const body = JSON.stringify(input);
  return new Promise<O>((fulfil, reject) => {
    const outgoing = request(
      { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const answer = JSON.parse(text || '{}') as O & { error?: string };
          if (incoming.statusCode === 200) fulfil(answer);
          else reject(new Error(answer.error ?? `The instance answered ${incoming.statusCode}.`));
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(absent ? new NotRunning(dataDir) : error);
    });
    outgoing.end(body);
  });
}
