/** Pebble, the authority that Let's Encrypt made for tests (Debian package), as a process on loopback. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from './certificates.ts';
import { freePort } from './ports.ts';

export interface Pebble {
  readonly directory: string;
  /** File, PEM: vouches for the directory. */
  readonly ca: string;
  /** PEM: what clients must trust of what it has signed. */
  root(): Promise<string>;
  /** `Valid` or `Revoked`. @param serial hexadecimal */
  statusOf(serial: string): Promise<string>;
  stop(): void;
}

export interface PebbleOptions {
  /** For its files. */
  readonly folder: string;
  /** `127.0.0.1:5353`: where it looks names up. */
  readonly dnsServer: string;
  /** Where it asks over HTTP. */
  readonly httpPort: number;
  readonly validitySeconds?: number;
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function startPebble({ folder, dnsServer, httpPort, validitySeconds }: PebbleOptions): Promise<Pebble> {
  const authority = await makeCertificate({ name: 'Pebble’s own', isAuthority: true });
  const server = await makeCertificate({ name: 'localhost', issuer: authority });
  const ca = join(folder, 'pebble-ca.pem');
  const [certificate, privateKey] = [join(folder, 'pebble-cert.pem'), join(folder, 'pebble-key.pem')];
  writeFileSync(ca, authority.pem);
  writeFileSync(certificate, `${server.pem}\n${authority.pem}`);
  writeFileSync(privateKey, server.privateKey);
  const [port, management] = [await freePort(), await freePort()];
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate,
    privateKey,
    httpPort,
    tlsPort: await freePort(),
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    ...(validitySeconds !== undefined && { certificateValidityPeriod: validitySeconds }),
  };
  const config = join(folder, 'pebble.json');
  writeFileSync(config, JSON.stringify({ pebble }));
  const child = run('pebble', ['-config', config, '-dnsserver', dnsServer]);
  await listening(port);
  return {
    directory: `https://localhost:${port}/dir`,
    ca,
    root: () => get(`https://localhost:${management}/roots/0`, { ca: readFileSync(ca) }),
    async statusOf(serial) {
      const url = `https://localhost:${management}/cert-status-by-serial/${serial}`;
      return String(JSON.parse(await get(url, { ca: readFileSync(ca) })).Status);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

/** Answers every name with 127.0.0.1. Returns where, and how to end it. */
export async function startNames(): Promise<{ readonly at: string; stop(): void }> {
  const [dns, management] = [await freePort(), await freePort()];
  const child = run('pebble-challtestsrv', [
    ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''],
    ...['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${management}`],
    ...['-http01', '', '-https01', '', '-tlsalpn01', ''],
  ]);
  await listening(management);
  return { at: `127.0.0.1:${dns}`, stop: () => void child.kill('SIGKILL') };
}

const run = (program: string, args: readonly string[]): ChildProcess =>
  spawn(program, args, { stdio: 'ignore', env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' } });

export function get(url: string, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, ...options }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += String(chunk);
      resolve(text);
    })
      .on('error', reject)
      .end();
  });
}

async function listening(port: number): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nobody listens on port ${port}`);
}
