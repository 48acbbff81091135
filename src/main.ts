/** The composition root: `start()` makes a running instance of all rooms. Also the library's entry (`bailey-cloud`). */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { readConfig } from './config/config.ts';
import { trustedProxies } from './gateway/proxies.ts';
import { createSealer } from './gateway/sealer.ts';
import { SecurityLog } from './gateway/security-log.ts';
import { close, listen } from './gateway/server.ts';
import { covers } from './instance/acm-ports.ts';
import { AUTHORITY_FOLDER } from './instance/backup.ts';
import { baileyPorts } from './instance/bailey-ports.ts';
import { InstanceClock } from './instance/clock.ts';
import { writeConfig } from './instance/credentials-files.ts';
import { type Door, openDoor } from './instance/door.ts';
import { InstanceEdge } from './instance/edge/open.ts';
import { externalKeys } from './instance/external-keys.ts';
import { hsmClusters, tokenPlaces } from './instance/hsm-clusters.ts';
import { Jobs } from './instance/jobs.ts';
import { fileMailbox } from './instance/mailbox.ts';
import { Metrics, metricsServer } from './instance/metrics.ts';
import { Opened } from './instance/opened.ts';
import { openOperatorSocket, requireSocketPath } from './instance/operator.ts';
import { operatorCommands } from './instance/operator-commands.ts';
import type { Instance, StartOptions } from './instance/options.ts';
import { ownPaths } from './instance/own-paths.ts';
import { InstancePackets } from './instance/packets/open.ts';
import { roleSessions } from './instance/packets/role-sessions.ts';
import { placesOf } from './instance/places.ts';
import { publicAuthorityOf } from './instance/public-authority.ts';
import { Seeding } from './instance/seeding.ts';
import { type BoundServices, bindServices } from './instance/services.ts';
import { Floods } from './instance/shield/floods.ts';
import { webAclOf } from './instance/shield/ports.ts';
import { Watch } from './instance/shield/watch.ts';
import { regions, sources } from './instance/sources.ts';
import { openState } from './instance/state.ts';
import { testApi } from './instance/test-api.ts';
import { authorityCommands } from './instance/transport/authority-commands.ts';
import { isLoopback, openListeners, placedListeners, transportOf } from './instance/transport/listeners.ts';
import { authorityWhenNeeded } from './instance/transport/own-authority.ts';
import { listenerNames, openSecureListener } from './instance/transport/secure-listener.ts';
import { untilUnsealed, vaultCommands } from './instance/vault-commands.ts';
import { domainKeyJob } from './instance/vault-jobs.ts';
import { hasVault, vaultPlaces } from './instance/vault-places.ts';
import { openXksProxy } from './instance/xks-proxy.ts';
import { createXksTransport } from './instance/xks-transport.ts';
import { accounts } from './services/account/state.ts';
import type { Random } from './services/service.ts';
import { ROOT_KEY_FILE } from './store/sqlite.ts';
import { VaultClient } from './vault/client.ts';

export { backupDataFolder, restoreDataFolder } from './instance/backup.ts';
export { joinEdge } from './instance/edge/join.ts';
export { lintPolicy } from './instance/lint.ts';
export type { Instance, StartOptions } from './instance/options.ts';
export { openLetterbox, sealLetter } from './vault/letter.ts';
export { parseShare, printShare } from './vault/share.ts';

const machineRandom: Random = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
};

/** How long calls under way may take when an instance ends, in milliseconds. */
const patienceMs = 5_000;

/** Starts an instance; it is ready when the promise resolves. Throws an Error whose message tells what to do. */
export async function start(options: StartOptions = {}): Promise<Instance> {
  const opened = new Opened();
  try {
    return await open(options, opened);
  } catch (error) {
    // What failed is what the caller must hear of.
    await opened.close().catch(() => undefined);
    throw error;
  }
}

async function open(options: StartOptions, opened: Opened): Promise<Instance> {
  const { dataDir } = options;
  const config = options.config ?? (options.configFile ? readConfig(options.configFile) : {});
  const random = options.random ?? machineRandom;
  const clock = new InstanceClock(options.now);
  const now = (): number => clock.now();
  // Those who check certificates have the machine's time.
  const machineNow = options.now ?? Date.now;
  const host = options.host ?? '127.0.0.1';
  const region = config.region ?? 'us-east-1';
  const places = placesOf(config);
  const allRegions = [...regions];
  if (options.testApi && !isLoopback(host)) throw new Error('The test API opens on loopback only.');

  // What is kept, and what keeps it secret.
  if (dataDir !== undefined) {
    requireSocketPath(dataDir);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  }
  const { store, tokenKey, engine } = await openState(dataDir, options.rootKeyFile, now);
  opened.add(() => store.close());
  const accountIds = async () => (await store.list(accounts, '')).map(({ id }) => id);
  const sealer = createSealer(tokenKey);
  const { rootKeyFile, passphraseFile } = options;
  const vaultAt =
    dataDir === undefined ? {} : vaultPlaces(dataDir, { config: config.vault, rootKeyFile, passphraseFile });
  // Its process starts with the first question that needs a key, or now, where it must find what it left or wait for somebody.
  const vault = new VaultClient({ ...vaultAt, tokens: tokenPlaces(config.keyStores) });
  opened.add(() => vault.close());
  const opening = hasVault(vaultAt) ? vault.start() : Promise.resolve();
  opening.catch(() => undefined);
  const authorityFolder = dataDir && join(dataDir, AUTHORITY_FOLDER);
  const authority = authorityWhenNeeded(vault, authorityFolder, machineNow);

  // What is told of it.
  const security = new SecurityLog(dataDir && join(dataDir, 'security.log'));
  opened.add(() => security.close());
  const metrics = new Metrics();
  opened.add(() => metrics.close());
  const startedAt = now();

  // Services, and the door before them. They know each other, and where they listen, once all are there.
  let endpoint = '';
  let bound: BoundServices;
  let door: Door;
  const hosts = config.hosts ?? ['localhost', 's3.localhost', 'bailey.localhost'];
  const ownNames = [...hosts, ...(config.tls?.names ?? [])];
  const edge = new InstanceEdge({
    dataDir,
    config: config.edge ?? {},
    trustedProxies: config.trustedProxies ?? [],
    store,
    now,
    dnsPort: options.dnsPort,
    cloudfront: options.cloudfront,
    endpoint: () => endpoint,
    authority,
    random,
    machineNow,
    places,
  });
  const acme = config.certificates?.acme;
  const publicAuthority =
    acme &&
    publicAuthorityOf(acme, {
      store,
      vault,
      now: machineNow,
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
    mailbox: fileMailbox(dataDir, now),
    regions: allRegions,
    places,
    kms: config.kms,
    waf: config.waf,
    deliverySeconds: config.cloudtrail?.deliverySeconds ?? 5,
    authority,
    publicAuthority,
    endpoint: () => endpoint,
    isOwnName: (name) => ownNames.some((own) => covers(name, own)),
    edge: edge.observations,
    wafFacts: edge.lists,
    now,
    actor: () => door.actor,
    healthChecks: edge.healthChecks.health,
    nodes: edge.nodes,
    deployed: () => edge.settled(),
    bailey: baileyPorts(store, sources, () => bound.services, allRegions),
    signInRefused: ({ reason, connection, requestId, now: time }) =>
      security.refused({ time, reason, sourceIp: connection.sourceIp, service: 'bailey', requestId }),
  });
  opened.add(async () => {
    await bound.directory.flushUses();
    bound.directory.stop();
  });
  door = openDoor({
    config,
    store,
    sealer,
    random,
    clock,
    security,
    bound,
    hosts,
    region,
    places,
    answered(service, operation, outcome, status) {
      metrics.answered(service, status);
      options.onAnswer?.(service, operation, outcome);
    },
  });
  const { gateway, performer, actor } = door;

  // What acts by itself.
  const packets = new InstancePackets({
    store,
    config,
    accounts: accountIds,
    regions: allRegions,
    assume: roleSessions(actor, bound.directory, region, now),
    now,
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
  const jobs = new Jobs(
    [
      ...[...bound.services.values()].flatMap((service) => service.jobs ?? []),
      domainKeyJob(vault, config.vault?.domainKeyHours ?? 24),
      ...edge.jobs(config.cloudtrail?.deliverySeconds ?? 5),
      ...packets.jobs,
      watch.job,
      floods.job,
    ],
    () => ({ now: now(), random, actor }),
    (job, error) => console.error(`bailey: job "${job}" failed:`, error),
  );
  opened.add(() => jobs.stop());

  // What is there before anybody calls.
  await opening;
  const seeding = new Seeding({
    config,
    dataDir,
    store,
    random,
    now,
    vault,
    vaultFolder: vaultAt.folder,
    principals: bound.principals,
    packets,
    accounts: accountIds,
    regions: allRegions,
    places,
  });
  await seeding.everything();
  await seeding.followVault();
  const credentialsFile = await seeding.credentialsFile();

  // Where it is reached.
  const servers: Server[] = [];
  opened.add(() => Promise.all(servers.map((server) => close(server, patienceMs))));
  // First: what it refuses is the configuration's fault, and nothing listens yet.
  const xksProxy = await openXksProxy(config.xksProxy, externalKeys({ actor, store, vault }));
  if (xksProxy) servers.push(xksProxy.server);
  const where = {
    host,
    port: options.port ?? 4566,
    ...(options.tls !== undefined && { tls: options.tls }),
    ...(options.tlsPort !== undefined && { tlsPort: options.tlsPort }),
    ...(options.tlsOnly !== undefined && { tlsOnly: options.tlsOnly }),
  };
  const { isPlain, isSecure } = transportOf(where);
  // Certificates of this instance's own come out of the vault.
  if (isSecure && vault.isSealed && dataDir !== undefined) await untilUnsealed(dataDir, vault);
  const secure = isSecure
    ? await openSecureListener({
        config: config.tls ?? {},
        vault,
        authority,
        folder: authorityFolder,
        host,
        names: [...(config.tls?.names ?? []), ...listenerNames(host, hosts)],
        now: machineNow,
      })
    : undefined;
  opened.add(() => secure?.stop());
  const health = () => ({ live: true, ready: true, sealed: vault.isSealed });
  const forTests = options.testApi
    ? testApi({ store, clock, sealer, performer, bound, seeding, edge, jobs })
    : undefined;
  const listeners = await openListeners(
    where,
    {
      gateway,
      proxies: trustedProxies(config.trustedProxies ?? []),
      ownPaths: ownPaths(health, forTests, hosts, (method, path) => bound.links(method, path, now())),
    },
    secure,
    placedListeners(config.listeners, host, region),
  );
  servers.push(...listeners.servers);
  endpoint = listeners.endpoint;
  const caFile = secure && authorityFolder !== undefined ? join(authorityFolder, 'root.pem') : undefined;
  if (dataDir !== undefined) {
    await writeConfig(dataDir, endpoint, region, isPlain || !secure?.isOwn ? undefined : caFile);
    const commands = operatorCommands({
      dataDir,
      rootKeyFile: rootKeyFile ?? join(dataDir, ROOT_KEY_FILE),
      store,
      vault,
      random,
      now,
      accounts: accountIds,
      regions: allRegions,
      status: () => ({
        endpoint,
        startedAt: new Date(startedAt).toISOString(),
        store: { engine, answers: metrics.answers },
        refused: Object.fromEntries(security.counts),
        recordsWaiting: performer.pending.held,
        packets: packets.filter.state,
      }),
    });
    servers.push(
      await openOperatorSocket(dataDir, {
        ...commands,
        ...authorityCommands(secure, caFile),
        ...edge.commands(),
        ...vaultCommands(vault),
      }),
    );
  }
  let metricsEndpoint: string | undefined;
  if (options.metricsPort !== undefined) {
    const gauges = () => ({ bailey_records_waiting: performer.pending.held });
    const server = metricsServer(health, () => metrics.text(health(), gauges(), security.counts));
    metricsEndpoint = `http://127.0.0.1:${await listen(server, '127.0.0.1', options.metricsPort)}`;
    servers.push(server);
  }
  opened.add(() => packets.close());
  opened.add(() => edge.close());
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

  const [first] = await accountIds();
  return {
    endpoint,
    accountId: config.accounts?.[0]?.id ?? first ?? '',
    dataDir: dataDir ?? '',
    credentialsFile,
    ...(seeding.rootCredentialsFile === undefined ? {} : { rootCredentialsFile: seeding.rootCredentialsFile }),
    ...(metricsEndpoint === undefined ? {} : { metricsEndpoint }),
    ...(xksProxy ? { xksProxyEndpoint: xksProxy.endpoint } : {}),
    ...(listeners.tlsEndpoint === undefined ? {} : { tlsEndpoint: listeners.tlsEndpoint }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(listeners.placed.length === 0 ? {} : { vpcListeners: listeners.placed }),
    close: () => opened.close(),
  };
}
