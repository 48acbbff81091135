/** The requests that the door is measured with, signed once and sent many times. */
import { sign } from '../../src/wire/signing/index.ts';
import { adminKeys } from '../../test/support/instance.ts';
import type { Prepared } from './load.ts';

/** As the SDK sends it: a form, signed with the usual headers. */
export function identity(endpoint: string): Prepared {
  const body = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
  return prepare(endpoint, 'sts', 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, body);
}

export function object(endpoint: string, method: string, path: string, body?: Uint8Array): Prepared {
  const headers: Record<string, string> = body ? { 'content-type': 'application/octet-stream' } : {};
  return prepare(endpoint, 's3', method, path, headers, body);
}

/** A call of the Key Management Service as the SDK sends it. */
export function keys(endpoint: string, operation: string, input: object): Prepared {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` };
  return prepare(endpoint, 'kms', 'POST', '/', headers, Buffer.from(JSON.stringify(input)));
}

function prepare(
  endpoint: string,
  service: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array,
): Prepared {
  const all = {
    host: new URL(endpoint).host,
    'user-agent': 'aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0 api/bench#3.1169.0',
    'amz-sdk-invocation-id': '5a9f9a3e-1c1c-4d53-b1c1-2f8f0f3b7a11',
    'amz-sdk-request': 'attempt=1; max=3',
    ...(body ? { 'content-length': String(body.length) } : {}),
    ...headers,
  };
  const request = { method, path, query: '', headers: all, repeated: [] };
  const credentials = { accessKeyId: adminKeys.accessKeyId, secret: adminKeys.secretAccessKey };
  const signed = sign(request, credentials, {
    service,
    region: 'us-east-1',
    time: Date.now(),
    ...(body ? { body } : {}),
  });
  const sent = Object.entries(signed.headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { method, path, headers: Object.fromEntries(sent), ...(body ? { body } : {}) };
}
