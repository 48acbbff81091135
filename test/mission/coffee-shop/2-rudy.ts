/** Chapter 2: Rudy gets a user, and nothing else; then, policy by policy, what the register needs. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { callBailey } from '../../../src/cli/api.ts';
import { arnOf, example, inventory, list, put, read, register, reports } from './buckets.ts';
import { type Chapter, check, denied, equal, fails, type Person, policy, type Shop, step } from './lab.ts';

/** As the course prints it: one statement that is no list. The line break inside the ARN is joined (mission note N3). */
const cashierPolicy = (action: string) => `{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "${action}",
    "Resource": "arn:aws:s3:::${example}"
  }
}`;

const putPolicy = (shop: Shop, user: string, name: string, document: string) =>
  shop
    .person('manager')
    .iam.send(new PutUserPolicyCommand({ UserName: user, PolicyName: name, PolicyDocument: document }));
const dropPolicy = (shop: Shop, user: string, name: string) =>
  shop.person('manager').iam.send(new DeleteUserPolicyCommand({ UserName: user, PolicyName: name }));

const managersProfile = (shop: Shop) => {
  const { keys } = shop.person('manager');
  return { endpoint: shop.endpoint, region: 'us-east-1', ...keys };
};

const launch = (person: Person) =>
  new EC2Client(person.options).send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      DryRun: true,
    }),
  );

export async function hire(shop: Shop, name: string): Promise<Person> {
  const { iam } = shop.person('manager');
  await iam.send(new CreateUserCommand({ UserName: name }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return shop.hire(name, {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  });
}

export const rudy: Chapter = {
  title: 'Rudy the cashier',
  steps: [
    step('M-037', 'ids look like AWS’s, and a user made again is another user', async (shop) => {
      const { iam } = shop.person('manager');
      const first = await iam.send(new CreateUserCommand({ UserName: 'temp' }));
      await iam.send(new DeleteUserCommand({ UserName: 'temp' }));
      const second = await iam.send(new CreateUserCommand({ UserName: 'temp' }));
      await iam.send(new DeleteUserCommand({ UserName: 'temp' }));
      check(/^AIDA[A-Z0-9]{17}$/.test(first.User?.UserId ?? ''), `UserId is ${first.User?.UserId}`);
      check(first.User?.UserId !== second.User?.UserId, 'the same UserId twice');
      check(/^AKIA[A-Z0-9]{16}$/.test(shop.person('rudy').keys.accessKeyId), 'access key id');
    }),
    step('M-048', 'a new user cannot even sign in: no password, no key', async (shop) => {
      const { iam } = shop.person('manager');
      await iam.send(new CreateUserCommand({ UserName: 'newcomer' }));
      await fails(iam.send(new GetLoginProfileCommand({ UserName: 'newcomer' })), 'NoSuchEntity');
      equal((await iam.send(new ListAccessKeysCommand({ UserName: 'newcomer' }))).AccessKeyMetadata?.length, 0);
      await iam.send(new DeleteUserCommand({ UserName: 'newcomer' }));
    }),
    step('M-047', 'Rudy has a key and no permissions: two calls need none, all others are denied', async (shop) => {
      const person = shop.person('rudy');
      await person.sts.send(new GetCallerIdentityCommand({}));
      await person.sts.send(new GetSessionTokenCommand({}));
      await denied(person.iam.send(new ListUsersCommand({})));
      await denied(person.iam.send(new GetUserCommand({})));
      await denied(person.s3.send(new ListBucketsCommand({})));
      await denied(new CloudTrailClient(person.options).send(new LookupEventsCommand({})));
    }),
    step('M-049', 'no machine and no bucket for him either', async (shop) => {
      const person = shop.person('rudy');
      await denied(launch(person), 'Encoded authorization failure message');
      await denied(person.s3.send(new CreateBucketCommand({ Bucket: 'rudys-bucket' })));
    }),
    step('M-050', 'the denial says that nothing allows it', async (shop) => {
      const text = await denied(shop.person('rudy').iam.send(new ListUsersCommand({})));
      check(text.includes('because no identity-based policy allows the iam:ListUsers action'), text);
    }),
    step('M-051', 'a policy opens it for the very next call', async (shop) => {
      const person = shop.person('rudy');
      await putPolicy(
        shop,
        'rudy',
        'trial',
        policy('Allow', ['s3:CreateBucket', 's3:DeleteBucket', 'ec2:RunInstances'], '*'),
      );
      await person.s3.send(new CreateBucketCommand({ Bucket: 'rudys-bucket' }));
      await person.s3.send(new DeleteBucketCommand({ Bucket: 'rudys-bucket' }));
      await fails(launch(person), 'DryRunOperation');
      await dropPolicy(shop, 'rudy', 'trial');
      await denied(person.s3.send(new CreateBucketCommand({ Bucket: 'rudys-bucket' })));
    }),
    step('M-055', 'an explicit Deny wins over an Allow', async (shop) => {
      const person = shop.person('rudy');
      await putPolicy(shop, 'rudy', 'allow', policy('Allow', 's3:*', '*'));
      await person.s3.send(new ListBucketsCommand({}));
      await putPolicy(shop, 'rudy', 'deny', policy('Deny', 's3:ListAllMyBuckets', '*'));
      await denied(person.s3.send(new ListBucketsCommand({})), 'with an explicit deny in an identity-based policy');
      await dropPolicy(shop, 'rudy', 'deny');
      await dropPolicy(shop, 'rudy', 'allow');
    }),
    step('M-056 M-057', 'a policy is JSON, with Allow or Deny and nothing between', async (shop) => {
      const broken = await fails(
        putPolicy(shop, 'rudy', 'bad', '{"Version": "2012-10-17",\n "Statement": [}'),
        'MalformedPolicyDocument',
      );
      check(/line 2|2:\d+|position/i.test(broken), `no position in: ${broken}`);
      for (const effect of ['Maybe', 'allow', 'DENY']) {
        const document = JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: effect, Action: 's3:*', Resource: '*' }],
        });
        await fails(putPolicy(shop, 'rudy', 'bad', document), 'MalformedPolicyDocument');
      }
    }),
    step(
      'M-058',
      'actions and resources take wildcards; NotAction turns them round; case of actions is no matter',
      async (shop) => {
        const person = shop.person('rudy');
        const { s3 } = shop.person('manager');
        for (const bucket of [register, inventory, reports, example])
          await s3.send(new CreateBucketCommand({ Bucket: bucket }));
        await put(shop.person('manager'), register);
        await put(shop.person('manager'), inventory);
        await putPolicy(shop, 'rudy', 'wild', policy('Allow', 'S3:getob?ect', arnOf('coffee-shop-reg*', '*')));
        await read(person, register);
        await denied(read(person, inventory));
        await denied(list(person, register));
        const others = {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', NotAction: 's3:ListBucket', Resource: '*' }],
        };
        await putPolicy(shop, 'rudy', 'wild', JSON.stringify(others));
        await read(person, inventory);
        await denied(list(person, inventory));
        await dropPolicy(shop, 'rudy', 'wild');
      },
    ),
    step('M-059', 'one bucket named, or all of them', async (shop) => {
      const person = shop.person('rudy');
      await putPolicy(shop, 'rudy', 'one', policy('Allow', 's3:ListBucket', arnOf(register)));
      await list(person, register);
      await denied(list(person, inventory));
      await putPolicy(shop, 'rudy', 'one', policy('Allow', 's3:ListBucket', '*'));
      await list(person, register);
      await list(person, inventory);
      await dropPolicy(shop, 'rudy', 'one');
    }),
    step('M-061', 'the cashier policy as printed is taken; with a line feed inside the ARN it is not', async (shop) => {
      const document = cashierPolicy('s3:ListObject');
      await putPolicy(shop, 'rudy', 'cashier', document);
      const broken = document.replace('arn:aws:s3:::', 'arn:aws:\ns3:::');
      await fails(putPolicy(shop, 'rudy', 'broken', broken), 'MalformedPolicyDocument');
    }),
    step(
      'M-062',
      's3:ListObject grants nothing; s3:ListBucket lets the cashier list, and still not read',
      async (shop) => {
        const person = shop.person('rudy');
        await put(shop.person('manager'), example);
        const text = await denied(list(person, example));
        const { Text } = await callBailey<{ Text: string }>(managersProfile(shop), 'Explain', { Message: text });
        check(Text.includes('did you mean s3:ListBucket'), `no hint in: ${Text}`);
        await denied(read(person, example));
        await putPolicy(shop, 'rudy', 'cashier', cashierPolicy('s3:ListBucket'));
        equal((await list(person, example)).KeyCount, 1);
        await denied(read(person, example));
        await dropPolicy(shop, 'rudy', 'cashier');
      },
    ),
    step('M-063', 'the reports may be listed, and nothing else may be done', async (shop) => {
      const person = shop.person('rudy');
      const { s3 } = shop.person('manager');
      await fails(s3.send(new CreateBucketCommand({ Bucket: 'coffee_shop_reports' })), 'InvalidBucketName');
      await putPolicy(shop, 'rudy', 'reports', policy('Allow', 's3:ListBucket', arnOf(reports)));
      await list(person, reports);
      for (const attempt of otherActions(person)) await denied(attempt);
    }),
    step('M-064', 'more access needs a further policy: both count', async (shop) => {
      const person = shop.person('rudy');
      await putPolicy(
        shop,
        'rudy',
        'register',
        policy('Allow', ['s3:GetObject', 's3:PutObject'], arnOf(register, '*')),
      );
      await list(person, reports);
      await put(person, register);
      await dropPolicy(shop, 'rudy', 'reports');
      await denied(list(person, reports));
      await put(person, register);
    }),
    step('M-065', 'inline or managed, a policy can be attached, and detached again', async (shop) => {
      const { iam } = shop.person('manager');
      const person = shop.person('rudy');
      const created = await iam.send(
        new CreatePolicyCommand({
          PolicyName: 'ReadReports',
          PolicyDocument: policy('Allow', 's3:ListBucket', arnOf(reports)),
        }),
      );
      const PolicyArn = created.Policy?.Arn ?? '';
      shop.notes.set('ReadReports', PolicyArn);
      await iam.send(new AttachUserPolicyCommand({ UserName: 'rudy', PolicyArn }));
      const attached = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'rudy' }));
      equal(attached.AttachedPolicies?.[0]?.PolicyName, 'ReadReports');
      await list(person, reports);
      await iam.send(new DetachUserPolicyCommand({ UserName: 'rudy', PolicyArn }));
      await denied(list(person, reports));
    }),
    step('M-054', 'Rudy’s key is switched off, and nobody else notices', async (shop) => {
      const { iam } = shop.person('manager');
      const blaine = await hire(shop, 'blaine');
      const { accessKeyId } = shop.person('rudy').keys;
      await iam.send(new UpdateAccessKeyCommand({ UserName: 'rudy', AccessKeyId: accessKeyId, Status: 'Inactive' }));
      await fails(shop.person('rudy').sts.send(new GetCallerIdentityCommand({})), 'InvalidClientTokenId');
      await blaine.sts.send(new GetCallerIdentityCommand({}));
      await iam.send(new UpdateAccessKeyCommand({ UserName: 'rudy', AccessKeyId: accessKeyId, Status: 'Active' }));
      await shop.person('rudy').sts.send(new GetCallerIdentityCommand({}));
      const spare = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
      await iam.send(new DeleteAccessKeyCommand({ UserName: 'rudy', AccessKeyId: spare.AccessKey?.AccessKeyId ?? '' }));
    }),
  ],
};

/** Twenty calls of other kinds, none of which Rudy may make. */
function* otherActions(person: Person): Generator<Promise<unknown>> {
  const { iam, s3 } = person;
  yield s3.send(new ListBucketsCommand({}));
  yield s3.send(new CreateBucketCommand({ Bucket: 'another-bucket-of-rudy' }));
  yield s3.send(new DeleteBucketCommand({ Bucket: reports }));
  yield put(person, reports);
  yield read(person, reports);
  yield s3.send(new DeleteObjectCommand({ Bucket: reports, Key: 'today' }));
  yield list(person, register);
  yield list(person, inventory);
  yield read(person, register);
  yield read(person, inventory);
  yield iam.send(new ListUsersCommand({}));
  yield iam.send(new GetUserCommand({}));
  yield iam.send(new CreateUserCommand({ UserName: 'friend' }));
  yield iam.send(new DeleteUserCommand({ UserName: 'manager' }));
  yield iam.send(new CreateAccessKeyCommand({}));
  yield iam.send(new ListAccessKeysCommand({ UserName: 'manager' }));
  yield iam.send(
    new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'all', PolicyDocument: policy('Allow', '*', '*') }),
  );
  yield iam.send(
    new AttachUserPolicyCommand({ UserName: 'rudy', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  );
  yield launch(person);
  yield new CloudTrailClient(person.options).send(new LookupEventsCommand({}));
}
