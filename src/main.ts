/** The composition root: `start()` makes a running instance of all rooms. Also the library's entry (`bailey-cloud`). */
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from './config/config.ts';
import { createActor } from './gateway/actor.ts';
import { Authorizer } from './gateway/authorize.ts';
import { defaultLimits, Gateway } from './gateway/gateway.ts';
import { Performer } from './gateway/perform.ts';
import { trustedProxies } from './gateway/proxies.ts';
import { Recorder } from './gateway/recorder.ts';
import { createSealer } from './gateway/sealer.ts';
import { SecurityLog } from './gateway/security-log.ts';
import { close, listen } from './gateway/server.ts';
import { covers } from './instance/acm-ports.ts';
import { encryptionLayers } from './instance/at-rest-layers.ts';
import { AUTHORITY_FOLDER } from './instance/backup.ts';
import { baileyPorts } from './instance/bailey-ports.ts';
import { InstanceClock } from './instance/clock.ts';
import { type KeyPair, writeConfig, writeCredentials, writeRootCredentials } from './instance/credentials-files.ts';
import { InstanceEdge } from './instance/edge/open.ts';
import { externalKeys } from './instance/external-keys.ts';
import { failureLog } from './instance/failure-log.ts';
import { hsmClusters, tokenPlaces } from './instance/hsm-clusters.ts';
import { Jobs } from './instance/jobs.ts';
import { fileMailbox } from './instance/mailbox.ts';
import { Metrics, metricsServer } from './instance/metrics.ts';
import { openOperatorSocket, requireSocketPath } from './instance/operator.ts';
import { ownPaths } from './instance/own-paths.ts';
import { InstancePackets } from './instance/packets/open.ts';
import { roleSessions } from './instance/packets/role-sessions.ts';
import { publicAuthorityOf } from './instance/public-authority.ts';
import { makeAccount, seedConfig, seedFirstAccount } from './instance/seed.ts';
import { seedKeys } from './instance/seed-keys.ts';
import { type BoundServices, bindServices } from './instance/services.ts';
import { Floods } from './instance/shield/floods.ts';
import { webAclOf } from './instance/shield/ports.ts';
import { Watch } from './instance/shield/watch.ts';
import { regions, sources } from './instance/sources.ts';
import { openState } from './instance/state.ts';
import { authorityCommands } from './instance/transport/authority-commands.ts';
import { isLoopback, openListeners, transportOf } from './instance/transport/listeners.ts';
import { authorityWhenNeeded } from './instance/transport/own-authority.ts';
import { listenerNames, openSecureListener } from './instance/transport/secure-listener.ts';
import { untilUnsealed, vaultCommands } from './instance/vault-commands.ts';
import { domainKeyJob, replayDeletions } from './instance/vault-jobs.ts';
import { hasVault, vaultPlaces } from './instance/vault-places.ts';
import { openXksProxy } from './instance/xks-proxy.ts';
import { createXksTransport } from './instance/xks-transport.ts';
import { rootOnlyActions } from './services/account/index.ts';
import { accounts } from './services/account/state.ts';
import { crossOriginHeaders, readPostForm, requireBodyDigests } from './services/s3/index.ts';
import type { Random } from './services/service.ts';
import { sessionForbids } from './services/sts/restrictions.ts';
import { ROOT_KEY_FILE } from './store/sqlite.ts';
import { VaultClient } from './vault/client.ts';

export { backupDataFolder, restoreDataFolder } from './instance/backup.ts';
export { joinEdge } from './instance/edge/join.ts';
export { lintPolicy } from './instance/lint.ts';
export { openLetterbox, sealLetter } from './vault/letter.ts';
export { parseShare, printShare } from './vault/share.ts';

export interface StartOptions {
  /** Where state lives; without one, state is in memory and gone with the instance. */
  readonly dataDir?: string;
  /** Where the root key lies; `root.key` in the data folder by default. */
  readonly rootKeyFile?: string;
  /** Holds the vault's passphrase: its root key is then sealed by it, if the configuration says nothing else. */
  readonly passphraseFile?: string;
  /** 0 picks a free one. Default 4566. */
  readonly port?: number;
  /** Default 127.0.0.1. Any address but loopback speaks TLS only. */
  readonly host?: string;
  /** Opens a TLS listener beside plain HTTP, on `tlsPort`. */
  readonly tls?: boolean;
  /** 0 picks a free one. Default 4567. */
  readonly tlsPort?: number;
  /** Speaks TLS on `port`, and no plain HTTP anywhere. */
  readonly tlsOnly?: boolean;
  readonly config?: Config;
  readonly configFile?: string;
  /** Where names of hosted zones and load balancers are answered, by UDP and TCP; nowhere by default. */
  readonly dnsPort?: number;
  /** Where distributions are served, if the configuration does not say; nowhere by default. */
  readonly cloudfront?: { readonly port?: number; readonly securePort?: number };
  /** Opens /_bailey/reset and /_bailey/clock. */
  readonly testApi?: boolean;
  /** Port of health and metrics on 127.0.0.1; without one there is no such listener. 0 picks a free one. */
  readonly metricsPort?: number;
  /** Injected so that failures replay. */
  readonly random?: Random;
  /** Epoch milliseconds; the machine's clock by default. */
  readonly now?: () => number;
  /** Told of every answered call: tests collect what was seen. */
  readonly onAnswer?: (service: string, operation: string | undefined, outcome: string) => void;
}

export interface Instance {
  readonly endpoint: string;
  /** The first account. */
  readonly accountId: string;
  /** '' for an instance in memory. */
  readonly dataDir: string;
  /** An AWS credentials file with a profile `default`; '' where no key is known to put there. */
  readonly credentialsFile: string;
  readonly rootCredentialsFile?: string;
  readonly metricsEndpoint?: string;
  /** Where TLS is spoken, if it is. */
  readonly tlsEndpoint?: string;
  /** The root certificate that TLS clients must trust, as a PEM file. */
  readonly caFile?: string;
  /** Where other key management services reach this instance as their external key store. */
  readonly xksProxyEndpoint?: string;
  close(): Promise<void>;
}

const machineRandom: Random = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
};

/** Starts an instance; it is ready when the promise resolves. Throws an Error whose message tells what to do. */
export async function start(options: StartOptions = {}): Promise<Instance> {
  const config = options.config ?? (options.configFile ? readConfig(options.configFile) : {});
  const random = options.random ?? machineRandom;
  const clock = new InstanceClock(options.now);
  const host = options.host ?? '127.0.0.1';
  const region = config.region ?? 'us-east-1';
  if (options.testApi && !isLoopback(host)) throw new Error('The test API opens on loopback only.');
  const { dataDir } = options;
  if (dataDir !== undefined) {
    requireSocketPath(dataDir);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  }
  const state = await openState(dataDir, options.rootKeyFile, () => clock.now());
  const { store } = state;
  const sealer = createSealer(state.tokenKey);
  const security = new SecurityLog(dataDir && join(dataDir, 'security.log'));
  const metrics = new Metrics();
  const startedAt = clock.now();
  const { rootKeyFile, passphraseFile } = options;
  const places =
    dataDir === undefined ? {} : vaultPlaces(dataDir, { config: config.vault, rootKeyFile, passphraseFile });
  // Its process starts with the first question that needs a key, or now, where it must find what it left or wait for somebody.
  const vault = new VaultClient({ ...places, tokens: tokenPlaces(config.keyStores) });
  const opening = hasVault(places) ? vault.start() : Promise.resolve();
  opening.catch(() => undefined);

  const edge = new InstanceEdge({
    dataDir,
    config: config.edge ?? {},
    trustedProxies: config.trustedProxies ?? [],
    store,
    now: () => clock.now(),
    dnsPort: options.dnsPort,
    cloudfront: options.cloudfront,
    endpoint: () => endpoint,
    authority: () => authority(),
    random,
    machineNow: options.now ?? Date.now,
  });
  const hosts = config.hosts ?? ['localhost', 's3.localhost', 'bailey.localhost'];
  const ownNames = [...hosts, ...(config.tls?.names ?? [])];
  // Those who check certificates have the machine's time.
  const authority = authorityWhenNeeded(vault, dataDir && join(dataDir, AUTHORITY_FOLDER), options.now ?? Date.now);
  /** Known once it listens. */
  let endpoint = '';
  let bound: BoundServices;
  const services = () => bound.services;
  const acme = config.certificates?.acme;
  const publicAuthority =
    acme &&
    publicAuthorityOf(acme, {
      store,
      vault,
      now: options.now ?? Date.now,
      placed: () => edge.settled(),
      takes: (account, name, port) => edge.takes(account, name, port),
      answersNames: () => edge.answersNames,
    });
  bound = bindServices({
    store,
    sealer,
    random,
    vault,
    xks: createXksTransport(config.keyStores),
    clusters: hsmClusters(config.keyStores),
    mailbox: fileMailbox(dataDir, () => clock.now()),
    regions: [...regions],
    kms: config.kms,
    waf: config.waf,
    deliverySeconds: config.cloudtrail?.deliverySeconds ?? 5,
    authority,
    publicAuthority,
    endpoint: () => endpoint,
    isOwnName: (name) => ownNames.some((own) => covers(name, own)),
    edge: edge.observations,
    wafFacts: edge.lists,
    now: () => clock.now(),
    actor: () => actor,
    healthChecks: edge.healthChecks.health,
    edgeAddress: config.edge?.bindAddress,
    deployed: () => edge.settled(),
    bailey: baileyPorts(store, sources, services, [...regions]),
    signInRefused: ({ reason, connection, requestId, now }) =>
      security.refused({ time: now, reason, sourceIp: connection.sourceIp, service: 'bailey', requestId }),
  });
  const authorizer = new Authorizer(bound.directory, {
    sessionForbids,
    rootOnly: rootOnlyActions({ supportPlansByPolicy: config.rootOnlySupportPlans === false }),
  });
  const performer: Performer = new Performer({
    services: bound.services,
    store,
    authorizer,
    recorder: new Recorder(random),
    clock,
    random,
    sealer,
    actor: () => actor,
  });
  const actor = createActor(performer, sources, random);
  let answered = 0;
  const gateway = new Gateway({
    sources,
    services: bound.services,
    credentials: bound.directory,
    performer,
    clock,
    random,
    security,
    hosts,
    region,
    regions,
    limits: defaultLimits,
    signatureV2: config.signatureV2 ?? true,
    checkDigests: requireBodyDigests,
    browsers: {
      readForm: readPostForm,
      crossOrigin: (bucket, origin, method) => crossOriginHeaders(store, bucket, { origin, method }),
    },
    answered(service, operation, outcome, status) {
      answered += 1;
      metrics.answered(service, status);
      options.onAnswer?.(service, operation, outcome);
    },
    failed: failureLog(() => performance.now(), console.error),
  });

  const accountIds = async () => (await store.list(accounts, '')).map(({ id }) => id);
  const packets = new InstancePackets({
    store,
    config,
    accounts: accountIds,
    regions: [...regions],
    assume: roleSessions(actor, bound.directory, region, () => clock.now()),
    now: () => clock.now(),
  });
  const watch = new Watch({
    store,
    accounts: accountIds,
    webAclOf: (resource) => webAclOf(store, resource),
    settings: config.shield,
    windowSeconds: config.shield?.windowSeconds,
    failed: (error) => console.error('bailey: shield:', (error as Error).message),
  });
  const floods = new Floods({
    settings: config.shield,
    windowSeconds: config.shield?.windowSeconds,
    changed: () => edge.changed(),
  });
  const parts = { store, random, now: () => clock.now() };
  const files: { root?: string; credentials: string } = { credentials: '' };
  const seedVault = async (): Promise<void> => {
    await replayDeletions({ folder: places.folder, vault, store, accounts: accountIds, regions: [...regions] });
    await seedKeys({ ...parts, vault, principals: bound.principals }, config);
  };
  const seed = async (): Promise<void> => {
    await seedConfig(parts, config);
    await packets.seed();
    if (!vault.isSealed) await seedVault();
    if ((await store.list(accounts, '', { limit: 1 })).length > 0) return;
    const first = await seedFirstAccount(parts);
    if (dataDir === undefined) return;
    files.root = await writeRootCredentials(dataDir, first.root);
    await writeCredentials(dataDir, first.admin);
  };
  try {
    await opening;
    await seed();
    if (vault.isSealed) console.error(`bailey: the vault is sealed: ${(await vault.status()).reason}`);
    vault.onOpened = () =>
      void seedVault().catch((error) =>
        console.error('bailey: the keys of the configuration could not be made:', error),
      );
  } catch (error) {
    await vault.close();
    await store.close();
    throw error;
  }
  if (dataDir !== undefined) {
    const key = configuredKey(config);
    if (key) await writeCredentials(dataDir, key);
    files.credentials = join(dataDir, 'aws', 'credentials');
  }

  const jobs = new Jobs(
    [
      ...[...bound.services.values()].flatMap((service) => service.jobs ?? []),
      domainKeyJob(vault, config.vault?.domainKeyHours ?? 24),
      ...edge.jobs(config.cloudtrail?.deliverySeconds ?? 5),
      ...packets.jobs,
      watch.job,
      floods.job,
    ],
    () => ({ now: clock.now(), random, actor }),
    (job, error) => console.error(`bailey: job "${job}" failed:`, error),
  );
  const health = () => ({ live: true, ready: true, sealed: vault.isSealed });
  const testApi = options.testApi
    ? {
        reset: () =>
          jobs.around(async () => {
            await store.clear();
            performer.pending.forget();
            // Sessions and pages of before are no part of the configuration.
            sealer.renew(createSecretKey(randomBytes(32)));
            bound.forget();
            clock.reset();
            await seed();
            edge.changed();
          }),
        async advance(seconds: number) {
          clock.advance(seconds);
          await jobs.runDue();
        },
      }
    : undefined;

  // First: what it refuses is the configuration's fault, and nothing listens yet.
  const xksProxy = await openXksProxy(config.xksProxy, externalKeys({ actor, store, vault }));
  const where = {
    host,
    port: options.port ?? 4566,
    ...(options.tls !== undefined && { tls: options.tls }),
    ...(options.tlsPort !== undefined && { tlsPort: options.tlsPort }),
    ...(options.tlsOnly !== undefined && { tlsOnly: options.tlsOnly }),
  };
  const transport = transportOf(where);
  // Certificates of this instance's own come out of the vault.
  if (transport.isSecure && vault.isSealed && dataDir !== undefined) await untilUnsealed(dataDir, vault);
  const secure = transport.isSecure
    ? await openSecureListener({
        config: config.tls ?? {},
        vault,
        authority,
        folder: dataDir && join(dataDir, AUTHORITY_FOLDER),
        host,
        names: [...(config.tls?.names ?? []), ...listenerNames(host, hosts)],
        // Those who check certificates have the machine's time.
        now: options.now ?? Date.now,
      })
    : undefined;
  const listeners = await openListeners(
    where,
    {
      gateway,
      proxies: trustedProxies(config.trustedProxies ?? []),
      ownPaths: ownPaths(health, testApi, hosts, (method, path) => bound.links(method, path, clock.now())),
    },
    secure,
  );
  endpoint = listeners.endpoint;
  const caFile = secure && dataDir !== undefined ? join(dataDir, AUTHORITY_FOLDER, 'root.pem') : undefined;
  if (dataDir !== undefined)
    await writeConfig(dataDir, endpoint, region, transport.isPlain || !secure?.isOwn ? undefined : caFile);
  const [first] = await store.list(accounts, '', { limit: 1 });
  const accountId = config.accounts?.[0]?.id ?? first?.id ?? '';

  const status = async () => ({
    endpoint,
    pid: process.pid,
    startedAt: new Date(startedAt).toISOString(),
    dataDir,
    accounts: (await store.list(accounts, '')).map(({ id, value }) => ({ id, name: value.name })),
    store: { engine: state.engine, answers: answered },
    refused: Object.fromEntries(security.counts),
    recordsWaiting: performer.pending.held,
    packets: packets.filter.state,
    ...(vault.isStarted && { vault: await vault.status().catch((error: Error) => ({ reason: error.message })) }),
  });
  const operator =
    dataDir === undefined
      ? undefined
      : await openOperatorSocket(dataDir, {
          '/status': status,
          ...authorityCommands(secure, caFile),
          ...edge.commands(),
          ...vaultCommands(vault),
          '/encryption': async () => ({
            layers: await encryptionLayers({
              dataDir,
              rootKeyFile: options.rootKeyFile ?? join(dataDir, ROOT_KEY_FILE),
              store,
              vault,
              accounts: await accountIds(),
              regions: [...regions],
            }),
          }),
          '/accounts': async ({ name, email }) => {
            const root = await makeAccount(parts, String(name), String(email));
            const file = await writeRootCredentials(dataDir, root, `root-credentials-${root.accountId}`);
            return { accountId: root.accountId, rootCredentialsFile: file };
          },
        });
  const metricsListener =
    options.metricsPort === undefined
      ? undefined
      : metricsServer(health, () =>
          metrics.text(health(), { bailey_records_waiting: performer.pending.held }, security.counts),
        );
  const metricsPort = metricsListener && (await listen(metricsListener, '127.0.0.1', options.metricsPort ?? 0));
  await edge.open({
    traffic: bound.wafTraffic,
    arrived: (arrivals) => {
      watch.arrived(arrivals);
      floods.arrived(arrivals);
    },
    threats: () => floods.threats,
    flowed: (flows, skipped) => packets.edgeFlows.add(flows, skipped),
  });
  await packets.open();
  jobs.start();

  return {
    endpoint,
    accountId,
    dataDir: dataDir ?? '',
    credentialsFile: files.credentials,
    ...(files.root ? { rootCredentialsFile: files.root } : {}),
    ...(metricsPort === undefined ? {} : { metricsEndpoint: `http://127.0.0.1:${metricsPort}` }),
    ...(xksProxy ? { xksProxyEndpoint: xksProxy.endpoint } : {}),
    ...(listeners.tlsEndpoint === undefined ? {} : { tlsEndpoint: listeners.tlsEndpoint }),
    ...(caFile === undefined ? {} : { caFile }),
    async close() {
      secure?.stop();
      const others = [operator, metricsListener, xksProxy?.server];
      await edge.close();
      await packets.close();
      await Promise.all([...listeners.servers, ...others].map((one) => one && close(one, 5_000)));
      await jobs.stop();
      await bound.directory.flushUses();
      bound.directory.stop();
      metrics.close();
      await security.close();
      await vault.close();
      await store.close();
    },
  };
}

/** The first key that the configuration gives to a user, or else to a root user. */
function configuredKey(config: Config): KeyPair | undefined {
  for (const account of config.accounts ?? []) {
    const keys = [...(account.users ?? []).flatMap((user) => user.accessKeys ?? []), ...(account.rootAccessKeys ?? [])];
    const [key] = keys;
    if (key) return { accessKeyId: key.id, secretAccessKey: key.secret };
  }
  return undefined;
}
