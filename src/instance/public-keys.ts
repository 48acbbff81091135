/**
 * `/_bailey/elasticloadbalancing/public-keys/KID`: the keys by which targets check what load balancers say of users, for
 * everybody, as AWS has them at `https://public-keys.auth.elb.REGION.amazonaws.com/KID`.
 */
import { publicKeyOf } from '../services/elasticloadbalancing/authentication-keys.ts';
import type { Reader } from '../store/store.ts';
import type { HttpResponse } from '../wire/types.ts';

export const publicKeysPath = '/_bailey/elasticloadbalancing/public-keys/';

/** @returns undefined for what is no key's id, and for keys that are gone */
export async function publicKey(reader: Reader, path: string): Promise<HttpResponse | undefined> {
  const id = path.slice(publicKeysPath.length);
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const pem = await publicKeyOf(reader, id);
  if (pem === undefined) return undefined;
  const headers = { 'content-type': 'application/x-pem-file', 'cache-control': 'public, max-age=3600' };
  return { status: 200, headers, body: pem };
}
