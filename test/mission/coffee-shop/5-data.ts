/** Chapter 5: the shop’s data, and who gets it: everybody, some, one under conditions, nobody. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateUserCommand, DeleteUserPolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { arnOf, list, put, read } from './buckets.ts';
import { type Chapter, check, denied, equal, policy, type Shop, step } from './lab.ts';

const recipes = 'coffee-shop-recipes';

const bucketPolicy = (shop: Shop, document: string) =>
  shop.person('manager').s3.send(new PutBucketPolicyCommand({ Bucket: recipes, Policy: document }));

/** Who of the town gets the recipe: name → whether they do. */
async function readers(shop: Shop): Promise<string> {
  const found: string[] = [];
  for (const name of ['alma', 'jorge', 'rudy']) {
    const may = await read(shop.person(name), recipes, 'espresso').then(
      () => true,
      () => false,
    );
    if (may) found.push(name);
  }
  const response = await fetch(`${shop.endpoint}/${recipes}/espresso`);
  if (response.status === 200) found.push('anybody');
  else equal(response.status, 403);
  return found.join(' ');
}

export const data: Chapter = {
  title: 'Whose data it is',
  steps: [
    step('M-017', 'a new bucket is closed, and takes no public policy until the block is lifted', async (shop) => {
      const { s3 } = shop.person('manager');
      await s3.send(new CreateBucketCommand({ Bucket: recipes }));
      await put(shop.person('manager'), recipes, 'espresso', 'seven grams, twenty-five seconds');
      equal(await readers(shop), '');
      const open = policy('Allow', 's3:GetObject', arnOf(recipes, '*'), { Principal: '*' });
      await denied(bucketPolicy(shop, open));
      await s3.send(new DeletePublicAccessBlockCommand({ Bucket: recipes }));
      await bucketPolicy(shop, open);
      equal(await readers(shop), 'alma jorge rudy anybody');
    }),
    step('M-017', 'some people, by name', async (shop) => {
      const two = { Principal: { AWS: [shop.arn('user/alma'), shop.arn('user/jorge')] } };
      await bucketPolicy(shop, policy('Allow', 's3:GetObject', arnOf(recipes, '*'), two));
      equal(await readers(shop), 'alma jorge');
    }),
    step('M-017', 'one person, under conditions', async (shop) => {
      const one = (cidr: string) => ({
        Principal: { AWS: shop.arn('user/alma') },
        Condition: { IpAddress: { 'aws:SourceIp': cidr } },
      });
      await bucketPolicy(shop, policy('Allow', 's3:GetObject', arnOf(recipes, '*'), one('127.0.0.0/8')));
      equal(await readers(shop), 'alma');
      await bucketPolicy(shop, policy('Allow', 's3:GetObject', arnOf(recipes, '*'), one('203.0.113.0/24')));
      equal(await readers(shop), '');
    }),
    step(
      'M-017 M-010',
      'nobody: an explicit Deny stops administrators and the root user, who may still take it away',
      async (shop) => {
        await bucketPolicy(shop, policy('Deny', 's3:*', [arnOf(recipes), arnOf(recipes, '*')], { Principal: '*' }));
        equal(await readers(shop), '');
        await denied(read(shop.person('manager'), recipes, 'espresso'));
        await denied(read(shop.person('owner'), recipes, 'espresso'));
        await denied(shop.person('manager').s3.send(new DeleteBucketPolicyCommand({ Bucket: recipes })));
        const { s3 } = shop.person('owner');
        await s3.send(new GetBucketPolicyCommand({ Bucket: recipes }));
        await s3.send(new DeleteBucketPolicyCommand({ Bucket: recipes }));
        equal(await read(shop.person('manager'), recipes, 'espresso'), 'seven grams, twenty-five seconds');
      },
    ),
    step('M-010', 'what the customer deletes is gone', async (shop) => {
      const manager = shop.person('manager');
      await put(manager, recipes, 'old', 'instant coffee');
      await manager.s3.send(new DeleteObjectCommand({ Bucket: recipes, Key: 'old' }));
      equal((await list(manager, recipes)).Contents?.map((object) => object.Key).join(), 'espresso');
    }),
    step('M-011', 'access is granted, and revoked for the very next call', async (shop) => {
      const { iam } = shop.person('manager');
      const alma = shop.person('alma');
      await denied(read(alma, recipes, 'espresso'));
      for (let round = 0; round < 5; round += 1) {
        const document = policy('Allow', 's3:GetObject', arnOf(recipes, '*'));
        await iam.send(new PutUserPolicyCommand({ UserName: 'alma', PolicyName: 'recipes', PolicyDocument: document }));
        await read(alma, recipes, 'espresso');
        await iam.send(new DeleteUserPolicyCommand({ UserName: 'alma', PolicyName: 'recipes' }));
        await denied(read(alma, recipes, 'espresso'));
      }
    }),
    step('M-018', 'whoever copies the raw files finds nothing to read', async (shop) => {
      const manager = shop.person('manager');
      const secret = 'the-secret-blend-of-the-house';
      await put(manager, recipes, 'blend', secret);
      await put(manager, recipes, 'big-blend', `${secret} `.repeat(20_000));
      await manager.iam.send(new CreateUserCommand({ UserName: 'taster', Tags: [{ Key: 'note', Value: secret }] }));
      let files = 0;
      for (const path of await filesBelow(shop.dataDir)) {
        const bytes = await bytesOf(path);
        if (!bytes) continue;
        files += 1;
        check(!bytes.includes(secret), `${path} holds the plaintext`);
        for (const person of shop.people.values()) {
          const known = path.includes('root-credentials') || path.includes(join('aws', 'credentials'));
          check(known || !bytes.includes(person.keys.secretAccessKey), `${path} holds a secret access key`);
        }
      }
      check(files >= 3, `only ${files} files were looked at`);
      equal(await read(manager, recipes, 'blend'), secret);
    }),
  ],
};

/** Undefined for what has been deleted or moved since: the instance works on beside. */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
