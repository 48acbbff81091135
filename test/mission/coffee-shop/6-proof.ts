/** Chapter 6: the door itself: who is nobody, who pretends, and what the record says of it all. */

import { AccountClient, GetContactInformationCommand } from '@aws-sdk/client-account';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
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
