/** Calls to a running instance, as any customer makes them: the CLI has no other way in. */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Profile {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The answer was an error. */
export class ApiError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/**
 * The environment's credentials as AWS tools name them; otherwise the profile of a data folder in `.bailey`.
 * Throws an Error that says what to set.
 */
export function readProfile(env: NodeJS.ProcessEnv, dataDir = '.bailey'): Profile {
  const files = filesOf(env, dataDir);
  const credentials = section(files.credentials, env.AWS_PROFILE ?? 'default');
  const fromEnv = env.AWS_ACCESS_KEY_ID !== undefined;
  const accessKeyId = env.AWS_ACCESS_KEY_ID ?? credentials.aws_access_key_id;
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY ?? credentials.aws_secret_access_key;
  const sessionToken = fromEnv ? env.AWS_SESSION_TOKEN : credentials.aws_session_token;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      `No credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where ${files.credentials} is.`,
    );
  }
  return { ...readEndpoint(env, dataDir), accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** The files that the environment names, otherwise those of the data folder. */
export function filesOf(env: NodeJS.ProcessEnv, dataDir: string): { credentials: string; config: string } {
  return {
    credentials: env.AWS_SHARED_CREDENTIALS_FILE ?? join(dataDir, 'aws', 'credentials'),
    config: env.AWS_CONFIG_FILE ?? join(dataDir, 'aws', 'config'),
  };
}

/** Where the instance is, found like credentials. Throws an Error that says what to set. */
export function readEndpoint(env: NodeJS.ProcessEnv, dataDir: string): Pick<Profile, 'endpoint' | 'region'> {
  const name = env.AWS_PROFILE ?? 'default';
  const files = filesOf(env, dataDir);
  const config = section(files.config, name === 'default' ? name : `profile ${name}`);
  const endpoint = env.AWS_ENDPOINT_URL ?? config.endpoint_url;
  if (!endpoint) throw new Error(`No endpoint: set AWS_ENDPOINT_URL, or run where ${files.config} is.`);
  return { endpoint, region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? config.region ?? 'us-east-1' };
}

/** One section of an INI file as the AWS tools write it; empty if there is none. */
function section(path: string, name: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  if (!existsSync(path)) return found;
  let current = '';
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const text = line.trim();
    if (text.startsWith('[') && text.endsWith(']')) current = text.slice(1, -1).trim();
    const equals = text.indexOf('=');
    if (current === name && equals > 0) found[text.slice(0, equals).trim()] = text.slice(equals + 1).trim();
  }
  return found;
}

/** One call of Bailey's own API (awsJson1_1). */
export async function callBailey<O>(profile: Profile, operation: string, input: object): Promise<O> {
  const url = new URL(profile.endpoint);
  const body = JSON.stringify(input);
  const signer = new SignatureV4({
    service: 'bailey',
    region: profile.region,
    credentials: profile,
    sha256: Sha256,
    applyChecksum: true,
  });
  const signed = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port ? { port: Number(url.port) } : {}),
    path: '/',
    query: {},
    headers: { host: url.host, ...headersOf(operation) },
    body,
  });
  return post<O>(url, signed.headers, body);
}

/** The same for what takes no signature: signing in. */
export function callUnsigned<O>(endpoint: string, operation: string, input: object): Promise<O> {
  return post<O>(new URL(endpoint), headersOf(operation), JSON.stringify(input));
}

function headersOf(operation: string): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Bailey.${operation}` };
}

async function post<O>(url: URL, headers: Record<string, string>, body: string): Promise<O> {
  // Neither signatures nor passwords are for wherever an answer might point.
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error' });
  const answer = (await response.json()) as { __type?: string; message?: string; Message?: string };
  if (!response.ok)
    throw new ApiError(answer.__type ?? String(response.status), answer.message ?? answer.Message ?? '');
  return answer as O;
}

/** The hash that the signer asks for, over node:crypto. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | NodeJS.ArrayBufferView);
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as string | NodeJS.ArrayBufferView);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('A hash is used once.');
  }
}
