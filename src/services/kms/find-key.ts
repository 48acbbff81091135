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
  /** What a denial calls it, where the caller did not name the key itself. */
  readonly shownAs?: string;
  /** Of another account, and not there. */
  readonly isMissing?: true;
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
    return byAlias(call, owner, region, resource);
  }
  const id = parts ? resource.slice('key/'.length) : resource;
  const key = await call.change.get(keys, keyPartition(owner, region), id);
  if (!key) {
    if (isForeign(call, owner)) return phantom(owner, region, keyArn({ account: owner, region, id }));
    if (!uuid.test(id) && !multiRegion.test(id)) throw invalidKeyId(id);
    throw keyNotFound(keyArn({ account: owner, region, id }));
  }
  return { key, arn: keyArn(key) };
}

const isForeign = ({ caller }: CheckCall, owner: string): boolean => caller.account !== '' && caller.account !== owner;

/**
 * A key of another account that is not there. It has no policy, so that nobody of another account may do anything with it, and
 * is refused in the words that refuse a key that is there: nobody learns by asking which keys and aliases others have.
 */
function phantom(account: string, region: string, arn: string): FoundKey {
  const key: KeyRow = {
    account,
    region,
    id: 'none',
    createdAt: 0,
    description: '',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    state: 'Enabled',
    tags: {},
    materials: [],
  };
  return { key, arn, isMissing: true };
}

async function byAlias(call: CheckCall, account: string, region: string, name: string): Promise<FoundKey> {
  const partition = keyPartition(account, region);
  const reader: Reader = call.change;
  const arn = aliasArn(account, region, name);
  const foreign = isForeign(call, account);
  const alias = await reader.get(aliases, partition, name);
  const key = alias && (await reader.get(keys, partition, alias.keyId));
  if (!key) {
    if (foreign) return phantom(account, region, arn);
    throw aliasNotFound(arn);
  }
  return { key, arn: keyArn(key), alias: name, ...(foreign && { shownAs: `resource: ${arn}` }) };
}
