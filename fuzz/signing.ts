/**
 * Throws spoiled requests, bodies and forms at the signature parsers: each must answer with a claim, nothing, or a
 * refusal, in bounded time, and nothing spoiled may verify. `node fuzz/signing.ts [SEED [SECONDS]]`
 */

import { verifyBufferedBody } from '../src/wire/signing/payload.ts';
import { readPostPolicy } from '../src/wire/signing/post-document.ts';
import { tryReadSignature } from '../src/wire/signing/read.ts';
import { SignatureRefusal } from '../src/wire/signing/refusal.ts';
import { credentials, httpRequest, time, withHeaders } from '../src/wire/signing/requests.fixture.ts';
import { presign, sign } from '../src/wire/signing/sign.ts';
import { verify } from '../src/wire/signing/verify.ts';
import { framedBytes, mutate, type Rng, rng } from './signing-mutations.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
const options = { region: 'us-east-1', service: 's3', time };
const header = sign(httpRequest({ path: '/b/k' }), credentials, options);
const query = presign(httpRequest({ path: '/b/k' }), credentials, { ...options, expires: 60 });
const policy = Buffer.from(
  JSON.stringify({
    expiration: '2026-12-01T00:00:00Z',
    conditions: [{ bucket: 'b' }, ['starts-with', '$key', 'a'], ['content-length-range', 1, 9]],
  }),
).toString('base64');
const upload = framedBytes();

/** One entry per parser; each throws anything but a refusal, or says what must not have happened. */
const targets: Readonly<Record<string, (random: Rng) => string | undefined>> = {
  header(random) {
    const authorization = mutate(random, header.headers.authorization ?? '');
    const claim = tryReadSignature(withHeaders(header, { authorization }));
    if (!claim || claim instanceof SignatureRefusal) return undefined;
    return holds(() => verify(claim, withHeaders(header, { authorization }), credentials, { service: 's3', now: time }))
      ? differs(authorization, header.headers.authorization ?? '', claim.signature)
      : undefined;
  },
  query(random) {
    const changed = { ...query, query: mutate(random, query.query) };
    const claim = tryReadSignature(changed);
    if (!claim || claim instanceof SignatureRefusal) return undefined;
    holds(() => verify(claim, changed, credentials, { service: 's3', now: time }));
    return undefined;
  },
  chunks(random) {
    const body = Buffer.from(mutate(random, upload.body.toString('latin1')), 'latin1');
    let payload: Uint8Array | undefined;
    const held = holds(() => {
      payload = verifyBufferedBody(upload.claim, credentials, upload.request, body).body;
    });
    return held && payload && !Buffer.from(payload).equals(upload.payload)
      ? 'a signed body was changed and taken'
      : undefined;
  },
  policy(random) {
    holds(() => void readPostPolicy(mutate(random, policy)));
    return undefined;
  },
};

/** Another signature than the real one, or signed parts with another meaning, must not hold. */
function differs(text: string, original: string, signature: string): string | undefined {
  const flat = (value: string) =>
    value
      .replaceAll(/[\s,]/g, '')
      .split(/(?=SignedHeaders=|Signature=|Credential=)/)
      .sort()
      .join();
  const key = (value: string) => value.replace(/Credential=[A-Za-z0-9_]+\//, 'Credential=/');
  if (!original.endsWith(signature)) return 'another signature verified';
  return flat(key(text)) === flat(key(original)) ? undefined : `verified: ${text}`;
}

function holds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof SignatureRefusal) return false;
    throw error;
  }
}

const random = rng(seed);
const end = performance.now() + seconds * 1000;
let runs = 0;
let slowest = 0;
console.log(`fuzzing signatures for ${seconds} s with seed ${seed}`);
while (performance.now() < end) {
  for (const [name, target] of Object.entries(targets)) {
    const before = performance.now();
    let problem: string | undefined;
    try {
      problem = target(random);
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (problem) {
      console.error(`${name}, seed ${seed}, run ${runs}: ${problem}`);
      process.exit(1);
    }
    slowest = Math.max(slowest, performance.now() - before);
    runs += 1;
  }
}
console.log(`${runs} runs, slowest ${slowest.toFixed(1)} ms: nothing spoiled passed`);
