/** The calls of the XKS Proxy API, version 1: from a request to what is answered. */
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../wire/types.ts';
import { type Encrypted, type ExternalKeys, ProxyRefusal, type ProxyStore, statuses } from './ports.ts';
import { readBody, readDecrypt, readEncrypt, requirePrincipal } from './requests.ts';
import { requireSignature } from './signature.ts';

export interface ProxyOptions {
  readonly stores: readonly ProxyStore[];
  readonly keys: ExternalKeys;
  /** The machine's clock, epoch milliseconds. */
  readonly now: () => number;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly body: object;
}

interface Target {
  readonly store: ProxyStore;
  /** Of a key; '' for the health of all. */
  readonly key: string;
  readonly operation: string;
}

const version = '/kms/xks/v1';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** @param readWhole reads the body, under its limit: only once somebody may have signed it */
export async function answer(
  options: ProxyOptions,
  request: HttpRequest,
  readWhole: () => Promise<Uint8Array>,
): Promise<ProxyAnswer> {
  try {
    const target = targetOf(options.stores, request);
    if (request.method !== 'POST') throw new ProxyRefusal('MethodNotAllowedException', 'Only POST is allowed.');
    const bytes = await readWhole();
    requireSignature(request, bytes, target.store, options.now());
    return { status: 200, body: await perform(options, target, bytes) };
  } catch (error) {
    // What else goes wrong is told to nobody outside.
    const { errorName, message } =
      error instanceof ProxyRefusal ? error : new ProxyRefusal('InternalException', 'The proxy failed.');
    return { status: statuses[errorName], body: { errorName, errorMessage: message } };
  }
}

function targetOf(stores: readonly ProxyStore[], { path, query }: HttpRequest): Target {
  const store = stores.find(({ prefix }) => path.startsWith(`${prefix}${version}/`));
  const rest = store && path.slice(store.prefix.length + version.length);
  if (store && query === '') {
    if (rest === '/health') return { store, key: '', operation: 'health' };
    const [, key = '', operation = ''] =
      /^\/keys\/([a-zA-Z0-9._-]{1,128})\/(metadata|encrypt|decrypt)$/.exec(rest ?? '') ?? [];
    if (operation !== '') return { store, key, operation };
  }
  throw new ProxyRefusal('InvalidUriPathException', 'The URI path is not one of this proxy.');
}

async function perform({ keys }: ProxyOptions, { store, key, operation }: Target, bytes: Uint8Array): Promise<object> {
  const { body, asking } = readBody(bytes);
  if (operation === 'health') return health(await keys.isHealthy());
  requirePrincipal(body);
  const arn = store.keys.get(key);
  if (arn === undefined) throw new ProxyRefusal('KeyNotFoundException', 'There is no such external key.');
  if (operation === 'metadata') {
    const keyStatus = (await keys.isEnabled(arn, asking)) ? 'ENABLED' : 'DISABLED';
    return { keySpec: 'AES_256', keyUsage: ['ENCRYPT', 'DECRYPT'], keyStatus };
  }
  if (operation === 'decrypt') {
    const { encrypted, aad } = readDecrypt(body);
    return { plaintext: base64(await keys.decrypt(arn, encrypted, aad, asking)) };
  }
  const { plaintext, aad, wantsIntegrity } = readEncrypt(body);
  const made = await keys.encrypt(arn, plaintext, aad, asking);
  const shown = {
    ciphertext: base64(made.ciphertext),
    ...(made.metadata.byteLength > 0 && { ciphertextMetadata: base64(made.metadata) }),
    initializationVector: base64(made.iv),
    authenticationTag: base64(made.tag),
  };
  if (!wantsIntegrity) return shown;
  // In this order: what changes after the hash was taken does not decrypt, or does not match it.
  const ciphertextDataIntegrityValue = base64(integrityValue(aad, made));
  const back = await keys.decrypt(arn, made, aad, asking);
  if (!Buffer.from(back).equals(plaintext)) throw new ProxyRefusal('InternalException', 'The ciphertext is damaged.');
  return { ...shown, ciphertextDataIntegrityValue };
}

function integrityValue(aad: Uint8Array, { metadata, iv, ciphertext, tag }: Encrypted): Buffer {
  return createHash('sha256').update(aad).update(metadata).update(iv).update(ciphertext).update(tag).digest();
}

function health(isHealthy: boolean): object {
  return {
    xksProxyFleetSize: 1,
    xksProxyVendor: 'Bailey',
    xksProxyModel: 'Bailey XKS proxy, API version 1',
    ekmVendor: 'Bailey',
    ekmFleetDetails: [{ id: 'vault', model: 'Bailey vault', healthStatus: isHealthy ? 'ACTIVE' : 'UNAVAILABLE' }],
  };
}
