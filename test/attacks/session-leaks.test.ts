/** Sessions that look alike get decisions of their own, in turn and at once. */
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enableDevice, MovedClock } from '../support/authenticator.ts';
import { type Keys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { allow, keysOf, outcome, type Person, Principals, policy } from '../support/principals.ts';

let instance: TestInstance;
let principals: Principals;
beforeAll(async () => {
  instance = await startInstance({ ...testConfig, trustedProxies: ['127.0.0.1'] });
  principals = new Principals(instance);
});
afterAll(() => instance.stop());

const list = (keys: Keys) => () => outcome(new S3Client(instance.clientOptions(keys)).send(new ListBucketsCommand({})));
const listing = allow('s3:ListAllMyBuckets');
const other = allow('s3:GetBucketTagging');

describe('policy trap 22: no decision passes from one session to another', () => {
  const rounds = 6;

  /** Calls by all, in turn and at once: each gets the answer that is its own. */
  async function each(wanted: Readonly<Record<string, readonly [call: () => Promise<string>, answer: string]>>) {
    const asked = Object.entries(wanted);
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, [call, answer]] of asked) expect(`${name}: ${await call()}`).toBe(`${name}: ${answer}`);
      const together = await Promise.all(asked.map(async ([name, [call]]) => `${name}: ${await call()}`));
      expect(together).toEqual(asked.map(([name, [, answer]]) => `${name}: ${answer}`));
    }
  }

  it('of one role and one name: with other tags, session policies and source identities', async () => {
    const tagged = { StringEquals: { 'aws:PrincipalTag/team': 'beans' } };
    const role = await principals.role('leaks', {
      may: [
        allow('s3:ListAllMyBuckets', { Condition: tagged }),
        { ...allow('s3:*', { Condition: { StringEquals: { 'aws:SourceIdentity': 'blaine' } } }), Effect: 'Deny' },
      ],
    });
    const Tags = [{ Key: 'team', Value: 'beans' }];
    const milk = [{ Key: 'team', Value: 'milk' }];
    const deny = policy({ ...allow('*'), Effect: 'Deny' });
    const session = async (more: object) => list(await principals.session(role, more));
    await each({
      tagged: [await session({ Tags }), 'allowed'],
      'tagged otherwise': [await session({ Tags: milk }), 'AccessDenied'],
      untagged: [await session({}), 'AccessDenied'],
      'with a policy that is silent': [await session({ Tags, Policy: policy(other) }), 'AccessDenied'],
      'with a policy that denies': [await session({ Tags, Policy: deny }), 'AccessDenied'],
      'with a policy that allows': [await session({ Tags, Policy: policy(listing) }), 'allowed'],
      'for Rudy': [await session({ Tags, SourceIdentity: 'rudy' }), 'allowed'],
      'for Blaine': [await session({ Tags, SourceIdentity: 'blaine' }), 'AccessDenied'],
    });
  });

  it('of one federated name, with other policies', async () => {
    const user = await principals.user('federates', { may: [listing, allow('sts:GetFederationToken')] });
    const session = async (Policy?: string) => list(await principals.federated('guest', Policy, user));
    await each({
      'with a policy that allows': [await session(policy(listing)), 'allowed'],
      'with a policy that is silent': [await session(policy(other)), 'AccessDenied'],
      'without a policy': [await session(), 'AccessDenied'],
      'the user': [list(user), 'allowed'],
    });
  });

  it('of one user: with and without MFA, and by the key itself', async () => {
    const clock = new MovedClock(instance.advance);
    const present = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    const user = await principals.user('careful', {
      may: [allow('s3:ListAllMyBuckets', { Condition: present }), allow('iam:ListUsers')],
    });
    const { app, serial: SerialNumber } = await enableDevice(principals.iam, 'careful', clock.now);
    await clock.nextCode();
    const sts = principals.sts(user);
    const TokenCode = app.code(clock.now());
    const strong = keysOf(await sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode })));
    const weak = keysOf(await sts.send(new GetSessionTokenCommand({})));
    const users = (keys: Keys) => () =>
      outcome(new IAMClient(instance.clientOptions(keys)).send(new ListUsersCommand({})));
    await each({
      'with MFA': [list(strong), 'allowed'],
      'without MFA': [list(weak), 'AccessDenied'],
      'by the key': [list(user), 'AccessDenied'],
      'IAM with MFA': [users(strong), 'allowed'],
      'IAM without MFA': [users(weak), 'InvalidClientTokenId'],
      'IAM by the key': [users(user), 'allowed'],
    });
  });

  it('of one user: from another place, and by a key of somebody else', async () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
    const may = [allow('s3:ListAllMyBuckets', { Condition })];
    const rudy = await principals.user('rudy', { may });
    const blaine = await principals.user('blaine');
    const from = (keys: Person, address: string) => () => {
      const client = new S3Client(instance.clientOptions(keys));
      client.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, { 'x-forwarded-for': address });
          return next(args);
        },
        { step: 'build' },
      );
      return outcome(client.send(new ListBucketsCommand({})));
    };
    await each({
      'from the office': [from(rudy, '203.0.113.9'), 'allowed'],
      'from elsewhere': [from(rudy, '198.51.100.9'), 'AccessDenied'],
      'somebody else from the office': [from(blaine, '203.0.113.9'), 'AccessDenied'],
    });
  });
});
