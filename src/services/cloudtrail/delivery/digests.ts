/**
 * Digest files: each hour one that names and hashes the log files delivered in it, signed, and chained to the one before.
 * @see CloudTrail User Guide, "CloudTrail digest file structure"
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { JobRuntime } from '../../service.ts';
import { putFile } from '../bucket.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { type ChainRow, chains, type DeliveredFile, delivered, statuses, type TrailRow, trailId } from '../state.ts';
import { commitFor } from './commit.ts';
import { digestKey, seconds } from './paths.ts';
import { signingKey } from './signing-keys.ts';

const hour = 3_600_000;
/** Digests of one region in one run, for clocks that jump and machines that slept: the next run goes on. */
const digestsPerRun = 200;

const compress = promisify(gzip);

/** Writes the digests of all hours that are over. */
export async function deliverDigests(
  trail: TrailRow,
  region: string,
  ports: CloudTrailPorts,
  runtime: JobRuntime,
): Promise<void> {
  const id = trailId(trail.account, trail.region, trail.name);
  const waiting = async (): Promise<readonly DeliveredFile[]> =>
    (await ports.store.list(delivered, id, { prefix: `${region}/` })).map((row) => row.value);
  const since = chainStart(trail);
  for (let count = 0; count < digestsPerRun; count++) {
    const files = await waiting();
    const chain = currentChain(await ports.store.get(chains, id, region), since, files, region === trail.region);
    if (!chain) return;
    // A chain that has ended goes on until its last files are covered.
    if (since === undefined && files.length === 0) return;
    const end = chain.end + hour;
    if (end > runtime.now) {
      if (!chain.last) await commitFor(ports.store, trail, (change) => change.put(chains, id, region, chain));
      return;
    }
    await deliverDigest(
      trail,
      region,
      chain,
      end,
      files.filter((file) => file.deliveredAt < end),
      ports,
      runtime,
    );
  }
}

/** When the present chain of a trail began; undefined while it logs nothing, or without validation. */
function chainStart(trail: TrailRow): number | undefined {
  if (!trail.isLogging || !trail.validation) return undefined;
  const start = Math.max(trail.startedAt ?? 0, trail.validationSince ?? 0);
  return Math.floor(start / 1000) * 1000;
}

/**
 * A pause in logging or validation breaks the chain: the next digest names none before it. Regions other than the
 * trail's own have a chain from the hour of their first file on.
 */
function currentChain(
  stored: ChainRow | undefined,
  since: number | undefined,
  files: readonly DeliveredFile[],
  isHome: boolean,
): ChainRow | undefined {
  if (stored && (since === undefined || stored.since === since)) return stored;
  const first = files[0]?.deliveredAt;
  const start = since ?? (first === undefined ? undefined : Math.floor(first / 1000) * 1000);
  if (start === undefined) return undefined;
  if (isHome) return { end: start, since: start };
  if (first === undefined) return undefined;
  return { end: start + Math.max(0, Math.floor((first - start) / hour)) * hour, since: start };
}

async function deliverDigest(
  trail: TrailRow,
  region: string,
  chain: ChainRow,
  end: number,
  files: readonly DeliveredFile[],
  ports: CloudTrailPorts,
  runtime: JobRuntime,
): Promise<void> {
  const key = digestKey(trail, region, end);
  const signer = await signingKey(ports, region, end);
  const content = Buffer.from(
    JSON.stringify({
      awsAccountId: trail.account,
      digestStartTime: seconds(chain.end),
      digestEndTime: seconds(end),
      digestS3Bucket: trail.bucket,
      digestS3Object: key,
      digestPublicKeyFingerprint: signer.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime:
        files
          .map((file) => file.newest)
          .sort()
          .at(-1) ?? null,
      oldestEventTime: files.map((file) => file.oldest).sort()[0] ?? null,
      previousDigestS3Bucket: chain.last?.bucket ?? null,
      previousDigestS3Object: chain.last?.key ?? null,
      previousDigestHashValue: chain.last?.hash ?? null,
      previousDigestHashAlgorithm: chain.last ? 'SHA-256' : null,
      previousDigestSignature: chain.last?.signature ?? null,
      logFiles: files.map((file) => ({
        s3Bucket: file.bucket,
        s3Object: file.key,
        hashValue: file.hash,
        hashAlgorithm: 'SHA-256',
        newestEventTime: file.newest,
        oldestEventTime: file.oldest,
      })),
    }),
    'utf8',
  );
  const hash = createHash('sha256').update(content).digest('hex');
  // The string to sign (CloudTrail User Guide, "Custom implementations of log file integrity validation").
  const signature = signer.sign(
    [seconds(end), `${trail.bucket}/${key}`, hash, chain.last?.signature ?? 'null'].join('\n'),
  );
  await putFile(runtime.actor, trail, {
    bucket: trail.bucket,
    key,
    body: await compress(content),
    metadata: { signature, 'signature-algorithm': 'SHA256withRSA' },
  });
  await commitFor(ports.store, trail, async (change, id) => {
    change.put(chains, id, region, {
      end,
      since: chain.since,
      last: { bucket: trail.bucket, key, hash, signature },
    });
    for (const row of await change.list(delivered, id, { prefix: `${region}/` })) {
      if (row.value.deliveredAt < end) change.delete(delivered, id, row.id);
    }
    const { digestError: _past, ...status } = (await change.get(statuses, '', id)) ?? {};
    change.put(statuses, '', id, { ...status, digestedAt: runtime.now });
  });
}
