/** Chapter 6: the door itself: who is nobody, who pretends, and what the record says of it all. */

import { AccountClient, GetContactInformationCommand } from '@aws-sdk/client-account';
import {
  CloudTrailClient,
  CreateTrailCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Chapter, check, fails, Person, step } from './lab.ts';

export const proof: Chapter = {
  title: 'The door and the record',
  steps: [
    step('M-076', 'a key that nobody has is told so in each protocol’s own words', async (shop) => {
      const nobody = new Person(shop.endpoint, {
        accessKeyId: 'AKIAZZZZZZZZZZZZZZZZ',
        secretAccessKey: 'x'.repeat(40),
      });
      await fails(nobody.iam.send(new ListUsersCommand({})), 'InvalidClientTokenId');
      await fails(nobody.sts.send(new GetCallerIdentityCommand({})), 'InvalidClientTokenId');
      await fails(nobody.s3.send(new ListBucketsCommand({})), 'InvalidAccessKeyId');
      await fails(
        new CloudTrailClient(nobody.options).send(new LookupEventsCommand({})),
        'UnrecognizedClientException',
      );
      await fails(
        new AccountClient(nobody.options).send(new GetContactInformationCommand({})),
        'UnrecognizedClientException',
      );
      await fails(new EC2Client(nobody.options).send(new DescribeInstancesCommand({})), 'AuthFailure');
    }),
    step('M-076', 'a wrong secret never passes', async (shop) => {
      const { accessKeyId } = shop.person('manager').keys;
      const forger = new Person(shop.endpoint, { accessKeyId, secretAccessKey: 'y'.repeat(40) });
      await fails(forger.iam.send(new ListUsersCommand({})), 'SignatureDoesNotMatch');
      await fails(forger.s3.send(new ListBucketsCommand({})), 'SignatureDoesNotMatch');
      await fails(new CloudTrailClient(forger.options).send(new LookupEventsCommand({})), 'InvalidSignatureException');
      await fails(
        new AccountClient(forger.options).send(new GetContactInformationCommand({})),
        'InvalidSignatureException',
      );
      await fails(new EC2Client(forger.options).send(new DescribeInstancesCommand({})), 'AuthFailure');
    }),
    step(
      'M-081',
      'a service acts as itself: the trail reaches its bucket only if the bucket lets CloudTrail in',
      async (shop) => {
        const { s3, options } = shop.person('manager');
        const trail = new CloudTrailClient(options);
        const Bucket = 'coffee-shop-trail';
        await s3.send(new CreateBucketCommand({ Bucket }));
        const make = () => trail.send(new CreateTrailCommand({ Name: 'shop', S3BucketName: Bucket }));
        await fails(make(), 'InsufficientS3BucketPolicyException');
        const cloudtrail = { Principal: { Service: 'cloudtrail.amazonaws.com' } };
        const Policy = JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', ...cloudtrail, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
            { Effect: 'Allow', ...cloudtrail, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/*` },
          ],
        });
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
        await make();
        await trail.send(new StartLoggingCommand({ Name: 'shop' }));
        await shop.person('rudy').sts.send(new GetCallerIdentityCommand({}));
        await shop.advance(900);
        const { Contents } = await s3.send(
          new ListObjectsV2Command({ Bucket, Prefix: `AWSLogs/${shop.accountId}/CloudTrail/` }),
        );
        check(
          (Contents ?? []).some(({ Key }) => Key?.endsWith('.json.gz')),
          'no log file was delivered',
        );
        const { LatestDeliveryError } = await trail.send(new GetTrailStatusCommand({ Name: 'shop' }));
        check(!LatestDeliveryError, `delivery failed: ${LatestDeliveryError}`);
      },
    ),
    step('M-050', 'what was denied is on record, with its reason and without secrets', async (shop) => {
      const trail = new CloudTrailClient(shop.person('manager').options);
      const { Events } = await trail.send(
        new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'rudy' }] }),
      );
      const records = (Events ?? []).map((event) => event.CloudTrailEvent ?? '');
      check(
        records.some((record) => record.includes('"errorCode":"AccessDenied"')),
        'no denial of rudy on record',
      );
      for (const person of shop.people.values()) {
        check(!records.some((record) => record.includes(person.keys.secretAccessKey)), 'a secret is on record');
      }
    }),
  ],
};
