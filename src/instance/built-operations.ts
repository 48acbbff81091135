/** Which operations are declared, for the generated documents: the services as they are bound, over empty state. */
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { createSealer } from '../gateway/sealer.ts';
import { openMemoryStore } from '../store/memory.ts';
import { VaultClient } from '../vault/client.ts';
import { bindServices } from './services.ts';
import { createXksTransport } from './xks-transport.ts';

/** Service → operation names. */
export function builtOperations(): ReadonlyMap<string, readonly string[]> {
  const { services } = bindServices({
    store: openMemoryStore(),
    sealer: createSealer(createSecretKey(randomBytes(32))),
    random: { bytes: (count) => randomBytes(count), uuid: () => randomUUID() },
    vault: new VaultClient({}),
    xks: createXksTransport(undefined),
    clusters: new Map(),
    mailbox: { send: async () => undefined },
    regions: [],
    places: { regions: new Set(), regionsNotEnabled: new Set() },
    deliverySeconds: 5,
    now: () => 0,
    actor: () => {
      throw new Error('nobody acts here');
    },
    authority: () => Promise.reject(new Error('nothing is signed here')),
    endpoint: () => '',
    isOwnName: () => false,
    bailey: { findCall: async () => undefined, recentCalls: async function* () {}, coverage: async () => ({}) },
    signInRefused: () => undefined,
  });
  return new Map([...services].map(([name, service]) => [name, Object.keys(service.operations)]));
}
