/** AWS managed keys (`alias/aws/s3`): made when a service first wants one, used through that service only, rotated every year. */
import type { Random } from '../service.ts';
import { keyArn } from './arns.ts';
import { vaultFault } from './errors.ts';
import type { KmsPorts } from './ports.ts';
import { setRotation } from './rotation.ts';
import { aliases, aliasesOfKey, type KeyRow, keyChildren, keyPartition, keyPolicies } from './state.ts';

const rotationDays = 365;

/** The services that have one, and how their keys describe themselves. */
const descriptions = {
  s3: 'Default key that protects my S3 objects when no other key is defined',
} as const;

export type ManagingService = keyof typeof descriptions;

/** The service whose managed key a name of this account stands for: `alias/aws/s3`, or its ARN. */
export function managingService(named: string, account: string, region: string): ManagingService | undefined {
  const own = `arn:aws:kms:${region}:${account}:`;
  const name = named.startsWith(own) ? named.slice(own.length) : named;
  const service = /^alias\/aws\/([a-z0-9-]+)$/.exec(name)?.[1] ?? '';
  return Object.hasOwn(descriptions, service) ? (service as ManagingService) : undefined;
}

export interface ManagedKeyParts extends Pick<KmsPorts, 'store' | 'vault'> {
  readonly random: Random;
}

/** The ARN of the account's key for a service. Rejects with a ConflictError if another call makes it at the same moment. */
export async function managedKey(
  { store, vault, random }: ManagedKeyParts,
  service: ManagingService,
  { account, region, now }: { readonly account: string; readonly region: string; readonly now: number },
): Promise<string> {
  const partition = keyPartition(account, region);
  const name = `alias/aws/${service}`;
  const known = await store.get(aliases, partition, name);
  if (known) return keyArn({ account, region, id: known.keyId });
  const change = store.begin();
  const there = await change.get(aliases, partition, name);
  if (there) return keyArn({ account, region, id: there.keyId });
  const id = random.uuid();
  const arn = keyArn({ account, region, id });
  const spec = 'SYMMETRIC_DEFAULT';
  const made = await vault.create({ account, keyId: id, spec }).catch((error) => vaultFault(error, arn));
  const key: KeyRow = {
    account,
    region,
    id,
    createdAt: now,
    description: descriptions[service],
    spec,
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    managedBy: service,
    state: 'Enabled',
    tags: {},
    materials: [{ id: made.materialId, sealed: Buffer.from(made.sealed).toString('base64'), createdAt: now }],
    current: made.materialId,
  };
  await setRotation(change, key, rotationDays, now);
  change.put(keyPolicies, partition, id, { document: managedKeyPolicy(service, account, region), principalIds: {} });
  change.put(aliases, partition, name, { name, keyId: id, createdAt: now, updatedAt: now });
  change.put(aliasesOfKey, keyChildren(key), name, {});
  try {
    await store.commit(change);
  } catch (error) {
    await vault.shred(account, id).catch(() => undefined);
    throw error;
  }
  return arn;
}

/** As GetKeyPolicy shows it of AWS managed keys: everybody in the account, through the service; metadata for all of them. */
export function managedKeyPolicy(service: ManagingService, account: string, region: string): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: `auto-${service}-2`,
      Statement: [
        {
          Sid: `Allow access through ${service.toUpperCase()} for all principals in the account that are authorized to use ${service.toUpperCase()}`,
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
          Resource: '*',
          Condition: {
            StringEquals: {
              'kms:ViaService': `${service}.${region}.amazonaws.com`,
              'kms:CallerAccount': account,
            },
          },
        },
        {
          Sid: 'Allow direct access to key metadata to the account',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
          Resource: '*',
        },
      ],
    },
    undefined,
    2,
  );
}
