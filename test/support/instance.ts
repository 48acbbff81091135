/** A running instance for tests: real listener, real store, on a free port and a fresh folder. */
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/config.ts';
import { type Instance, type StartOptions, start } from '../../src/main.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const accountId = '111122223333';
export const rootKeys: Keys = {
  accessKeyId: 'AKIAROOTEXAMPLE00001',
  secretAccessKey: 'rootsecret/rootsecret/rootsecret/rootsecr',
};
export const adminKeys: Keys = {
  accessKeyId: 'AKIAADMINEXAMPLE0001',
  secretAccessKey: 'adminsecret/adminsecret/adminsecret/admin',
};
/** A user without any permission. */
export const nobodyKeys: Keys = {
  accessKeyId: 'AKIANOBODYEXAMPLE001',
  secretAccessKey: 'nobodysecret/nobodysecret/nobodysecret/no',
};

export const otherAccountId = '444455556666';
export const otherAdminKeys: Keys = {
  accessKeyId: 'AKIAOTHEREXAMPLE0001',
  secretAccessKey: 'othersecret/othersecret/othersecret/other',
};

const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const key = (keys: Keys) => ({ id: keys.accessKeyId, secret: keys.secretAccessKey });

/** Two accounts: one with root keys, an admin and a user without permissions; another with an admin. */
export const testConfig: Config = {
  region: 'us-east-1',
  edge: { processes: 1 },
  accounts: [
    {
      id: accountId,
      name: 'coffee-shop',
      email: 'owner@coffee.example',
      rootPassword: 'correct horse battery staple',
      rootAccessKeys: [key(rootKeys)],
      users: [
        { name: 'admin', policies: [admin], accessKeys: [key(adminKeys)] },
        { name: 'nobody', accessKeys: [key(nobodyKeys)] },
      ],
    },
    {
      id: otherAccountId,
      name: 'other',
      email: 'other@coffee.example',
      users: [{ name: 'admin', policies: [admin], accessKeys: [key(otherAdminKeys)] }],
    },
  ],
};

export interface TestInstance extends Instance {
  /** Options for any SDK client. */
  clientOptions(
    keys?: Keys,
    region?: string,
  ): {
    endpoint: string;
    region: string;
    credentials: Keys;
    forcePathStyle: true;
    maxAttempts: number;
  };
  /** Moves the instance's clock. */
  advance(seconds: number): Promise<void>;
  /** Ends the instance and removes its folder. */
  stop(): Promise<void>;
}

/** @param more TLS and the like */
export async function startInstance(config: Config = testConfig, more: StartOptions = {}): Promise<TestInstance> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bailey-test-'));
  const seen = new Map<string, Set<string>>();
  const instance = await start({
    dataDir,
    port: 0,
    config,
    testApi: true,
    ...more,
    onAnswer(service, operation, outcome) {
      const name = `${service}:${operation}`;
      const outcomes = seen.get(name) ?? new Set<string>();
      outcomes.add(outcome);
      seen.set(name, outcomes);
    },
  });
  return {
    ...instance,
    clientOptions: (keys = adminKeys, region = 'us-east-1') => ({
      endpoint: instance.endpoint,
      region,
      credentials: keys,
      forcePathStyle: true,
      maxAttempts: 1,
    }),
    async advance(seconds) {
      const response = await fetch(`${instance.endpoint}/_bailey/clock`, {
        method: 'POST',
        body: JSON.stringify({ advanceSeconds: seconds }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async stop() {
      await instance.close();
      keepEvidence(seen);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const evidenceDir = fileURLToPath(new URL('../../node_modules/.cache/bailey-evidence/', import.meta.url));

/** Leaves what was called and answered for the reporter that writes the coverage document. */
function keepEvidence(seen: ReadonlyMap<string, ReadonlySet<string>>): void {
  if (!existsSync(evidenceDir)) return;
  const calls = Object.fromEntries([...seen].map(([name, outcomes]) => [name, [...outcomes]]));
  writeFileSync(join(evidenceDir, `calls-${randomUUID()}.json`), JSON.stringify(calls));
}
