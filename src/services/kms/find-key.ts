/** Which key a caller means: a key id, a key ARN, an alias name or an alias ARN. */
import type { Reader } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { aliasArn, keyArn, parseKeyArn } from './arns.ts';
import { aliasNotFound, invalidArn, invalidKeyId, keyNotFound } from './errors.ts';
import { aliases, type KeyRow, keyPartition, keys } from './state.ts';

export interface FoundKey {
  readonly key: KeyRow;
  readonly arn: string;
  /** `alias/name`, if that is how the key was named (`kms:RequestAlias`). */
  readonly alias?: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const multiRegion = /^mrk-[0-9a-f]{32}$/;

/**
 * Keys of other accounts must be named by ARN. A bare id is looked for in the caller's account and the call's region.
 * @param aliasesAllowed false where AWS takes a key id or key ARN only
 * @throws AwsError NotFoundException
 */
export async function findKey(call: CheckCall, named: string, aliasesAllowed = true): Promise<FoundKey> {
  const { account, region } = call.scope;
  const parts = named.startsWith('arn:') ? parseKeyArn(named) : undefined;
  if (named.startsWith('arn:') && !parts) throw invalidArn(named);
  if (parts && parts.region !== region) throw invalidArn(parts.region);
  const owner = parts?.account ?? account;
  const resource = parts?.resource ?? named;
  if (resource.startsWith('alias/')) {
    if (!aliasesAllowed) throw invalidKeyId(named);
    return byAlias(call.change, owner, region, resource);
  }
  const id = parts ? resource.slice('key/'.length) : resource;
  const key = await call.change.get(keys, keyPartition(owner, region), id);
  if (!key) {
    if (!uuid.test(id) && !multiRegion.test(id)) throw invalidKeyId(id);
    throw keyNotFound(keyArn({ account: owner, region, id }));
  }
  return { key, arn: keyArn(key) };
}

async function byAlias(reader: Reader, account: string, region: string, name: string): Promise<FoundKey> {
  const partition = keyPartition(account, region);
  const alias = await reader.get(aliases, partition, name);
  const key = alias && (await reader.get(keys, partition, alias.keyId));
  if (!key) throw aliasNotFound(aliasArn(account, region, name));
  return { key, arn: keyArn(key), alias: name };
}
