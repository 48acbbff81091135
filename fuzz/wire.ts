/**
 * Throws spoiled requests at the wire, in every protocol: each must be decoded or end in a modelled error with a status
 * of 400 and above, soon, and without touching a prototype.
 * `node fuzz/wire.ts [SEED [SECONDS]]`
 */
import { gzipSync } from 'node:zlib';
import { decode, encodeFault, identify, needsBody, protocolOf, WireFault } from '../src/wire/index.ts';
import { sources } from '../src/wire/sources.fixture.ts';
import type { HttpRequest } from '../src/wire/types.ts';
import { mutate, type Rng, rng } from './signing-mutations.ts';

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const seconds = Number(process.argv[3] ?? 10);
/** A decode that takes longer than this is a finding, in milliseconds. */
const PATIENCE = 250;

interface Seedling {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly as: string | undefined;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = (target: string) => ({ 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' });
const cbor = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
const metrics = Buffer.from(
  'bf694e616d657370616365614e6a4d657472696344617461' +
    '81bf6a4d65747269634e616d65616d6556616c7565fb3ff40000000000006954696d657374616d70c11a65920080ffff',
  'hex',
);

const seedlings: readonly Seedling[] = [
  {
    method: 'POST',
    target: '/',
    headers: form,
    as: 'iam',
    body: 'Action=CreateUser&Version=2010-05-08&UserName=rudy&Path=%2Fa%2F&Tags.member.1.Key=k&Tags.member.1.Value=v',
  },
  {
    method: 'POST',
    target: '/',
    headers: form,
    as: 'iam',
    body: 'Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=a%3Ab&ContextEntries.member.1.ContextKeyValues.member.2=x',
  },
  { method: 'GET', target: '/?Action=GetCallerIdentity&Version=2011-06-15', headers: {}, as: 'sts', body: '' },
  {
    method: 'POST',
    target: '/',
    headers: form,
    as: 'ec2',
    body: 'Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=2&TagSpecification.1.Tag.1.Key=k&BlockDeviceMapping.1.Ebs.VolumeSize=8',
  },
  {
    method: 'POST',
    target: '/',
    headers: json('TrentService.Encrypt'),
    as: 'kms',
    body: '{"KeyId":"alias/a","Plaintext":"aGVsbG8=","EncryptionContext":{"a":"b"},"GrantTokens":["x"],"DryRun":false}',
  },
  {
    method: 'POST',
    target: '/',
    headers: json('CloudTrail_20131101.LookupEvents'),
    as: 'cloudtrail',
    body: '{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"x"}],"StartTime":1.7e9,"MaxResults":10}',
  },
  {
    method: 'POST',
    target: '/putContactInformation',
    headers: { 'content-type': 'application/json' },
    as: 'account',
    body: '{"ContactInformation":{"FullName":"a","City":"b","CountryCode":"DE"}}',
  },
  {
    method: 'POST',
    target: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
    headers: cbor,
    as: 'monitoring',
    body: new Uint8Array(metrics),
  },
  {
    method: 'PUT',
    target: '/bucket?tagging',
    headers: {},
    as: 's3',
    body: '<?xml version="1.0"?><Tagging xmlns="x"><TagSet><Tag><Key>a</Key><Value>&amp;b</Value></Tag></TagSet></Tagging>',
  },
  {
    method: 'PUT',
    target: '/bucket?acl',
    headers: {},
    as: 's3',
    body: '<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="i" xsi:type="Group"><URI>u</URI></Grantee></Grant></AccessControlList></AccessControlPolicy>',
  },
  {
    method: 'POST',
    target: '/bucket?delete',
    headers: {},
    as: 's3',
    body: '<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>',
  },
  {
    method: 'PUT',
    target: '/bucket/a%2Fb//c?partNumber=1&uploadId=u',
    headers: { 'content-length': '1' },
    as: 's3',
    body: 'x',
  },
  {
    method: 'GET',
    target: '/bucket/key?versionId=1&response-expires=Thu%2C%2001%20Jan%202026%2000%3A00%3A00%20GMT',
    headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT', range: 'bytes=0-1' },
    as: 's3',
    body: '',
  },
  {
    method: 'POST',
    target: '/',
    headers: { ...form, 'content-encoding': 'gzip' },
    as: 'monitoring',
    body: new Uint8Array(gzipSync('Action=ListMetrics&Version=2010-08-01&Dimensions.member.1.Name=a')),
  },
];

function spoilBytes(random: Rng, bytes: Uint8Array): Uint8Array {
  const out = Buffer.from(mutate(random, Buffer.from(bytes).toString('latin1')), 'latin1');
  return new Uint8Array(out);
}

function grow(random: Rng, seedling: Seedling): { request: HttpRequest; body: Uint8Array } {
  const spoil = (text: string, odds: number) => (random(odds) === 0 ? mutate(random, text) : text);
  const target = spoil(seedling.target, 4);
  const mark = target.indexOf('?');
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const [name, value] of Object.entries(seedling.headers)) headers[name] = spoil(value, 8);
  headers.host = spoil('bucket.localhost:4566', 8);
  const bytes = typeof seedling.body === 'string' ? new TextEncoder().encode(seedling.body) : seedling.body;
  return {
    request: {
      method:
        random(40) === 0 ? ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'][random(7)]! : seedling.method,
      path: (mark === -1 ? target : target.slice(0, mark)) || '/',
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers,
      repeated: [],
    },
    body: random(3) > 0 ? spoilBytes(random, bytes) : bytes,
  };
}

async function once(random: Rng): Promise<'decoded' | 'refused'> {
  const seedling = seedlings[random(seedlings.length)]!;
  const { request, body } = grow(random, seedling);
  const hints = { signingName: random(10) === 0 ? undefined : seedling.as, hosts: ['localhost'] };
  try {
    const identified = await identify(request, sources, hints, needsBody(request, hints) ? body : undefined);
    decode(identified, request, body);
    return 'decoded';
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    const answer = encodeFault({ protocol: protocolOf(request, hints, sources) }, error, 'id');
    if (answer.status < 400) throw new Error(`status ${answer.status} for ${error.code}`, { cause: error });
    return 'refused';
  }
}

const random = rng(seed);
const counts = { decoded: 0, refused: 0 };
let slowest = 0;
console.log(`seed ${seed}, ${seconds} s`);
const end = performance.now() + seconds * 1000;
for (let round = 0; performance.now() < end; round++) {
  const start = performance.now();
  try {
    counts[await once(random)]++;
  } catch (error) {
    console.error(`round ${round} of seed ${seed}: not a modelled error`);
    throw error;
  }
  // The first rounds load the services' schemas.
  const took = performance.now() - start;
  if (round > 2000) slowest = Math.max(slowest, took);
  if (round > 2000 && took > PATIENCE) throw new Error(`round ${round} of seed ${seed} took ${took.toFixed(0)} ms`);
  if (Object.keys(Object.prototype).length > 0)
    throw new Error(`round ${round} of seed ${seed} touched Object.prototype`);
}
console.log(`${counts.decoded} decoded, ${counts.refused} refused, slowest ${slowest.toFixed(1)} ms`);
