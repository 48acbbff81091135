/** One harmless call per protocol, as a client would send it, and how to send it spoiled. */
import { request as httpRequest } from 'node:http';
import { cbor as cborDecoder } from '@smithy/core/cbor';
import type { HttpRequest } from '../../src/wire/types.ts';

export interface Target {
  readonly name: string;
  /** Signing name. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** Another body that would be another call. */
  readonly otherBody: string | Uint8Array;
  /** What the call answers to an administrator; anything but a refusal of the signature. */
  readonly honest: readonly number[];
}

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const root = { method: 'POST', path: '/', query: '' };

export const targets: readonly Target[] = [
  {
    ...root,
    name: 'awsQuery (IAM)',
    service: 'iam',
    headers: form,
    body: 'Action=ListUsers&Version=2010-05-08',
    otherBody: 'Action=ListRoles&Version=2010-05-08',
    honest: [200],
  },
  {
    ...root,
    name: 'awsQuery (STS)',
    service: 'sts',
    headers: form,
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    otherBody: 'Action=GetSessionToken&Version=2011-06-15',
    honest: [200],
  },
  {
    ...root,
    name: 'ec2Query (EC2)',
    service: 'ec2',
    headers: form,
    body: 'Action=DescribeInstances&Version=2016-11-15',
    otherBody: 'Action=DescribeInstances&Version=2016-11-15&MaxResults=5',
    honest: [200, 501],
  },
  {
    ...root,
    name: 'awsJson 1.1 (CloudTrail)',
    service: 'cloudtrail',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'CloudTrail_20131101.LookupEvents' },
    body: '{"MaxResults":1}',
    otherBody: '{"MaxResults":2}',
    honest: [200],
  },
  {
    ...root,
    // Nothing that is built speaks CBOR yet: the call is authenticated, authorized, and then said to be unbuilt.
    name: 'rpcv2Cbor (CloudWatch)',
    service: 'monitoring',
    path: '/service/GraniteServiceVersion20100801/operation/ListMetrics',
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    body: Uint8Array.of(0xa0),
    otherBody: Uint8Array.of(0xbf, 0xff),
    honest: [200],
  },
  {
    ...root,
    name: 'restJson1 (Account)',
    service: 'account',
    path: '/getContactInformation',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    otherBody: '{"AccountId":"111122223333"}',
    honest: [200, 404],
  },
  {
    name: 'restXml (S3)',
    service: 's3',
    method: 'PUT',
    path: '/attacked-bucket/an/object',
    query: '',
    headers: { 'content-type': 'text/plain' },
    body: 'what its owner wrote',
    otherBody: 'what somebody else wrote',
    honest: [200],
  },
];

export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends the bytes as they are: no client in between repairs anything. */
export function send(endpoint: string, request: HttpRequest, body: string | Uint8Array): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const path = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = value;
  if (body.length > 0) headers['content-length'] = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      hostname,
      port,
      method: request.method,
      path,
      headers,
      setHost: false,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const cbor = response.headers['content-type'] === 'application/cbor';
        const text = cbor ? JSON.stringify(cborDecoder.deserialize(bytes)) : bytes.toString();
        const status = response.statusCode ?? 0;
        resolve({ status, code: codeOf(text, response.headers), text, headers: response.headers });
      });
    });
    outgoing.end(body.length > 0 ? body : undefined);
  });
}

/** The error's code where its protocol has it. */
function codeOf(text: string, headers: Readonly<Record<string, unknown>>): string {
  const xml = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  if (xml !== undefined) return xml;
  const header = headers['x-amzn-errortype'];
  if (typeof header === 'string') return header.split(':')[0] ?? '';
  const json = /"__type"\s*:\s*"([^"]*)"/.exec(text)?.[1];
  return json === undefined ? '' : json.slice(json.indexOf('#') + 1);
}
