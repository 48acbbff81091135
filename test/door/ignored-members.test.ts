/** "200, and the parameter ignored": what a built operation takes in, its service reads; what is not built says so. */
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { outcome } from '../support/principals.ts';

/**
 * Members whose names stand nowhere in their service: gaps that are known. A new one fails, and so does one that is
 * mended and still listed.
 */
const passedOver: Readonly<Record<string, string>> = {
  // Nobody has credentials of these kinds, so there is nothing to list for all users either.
  iam: 'AllUsers ResourceHandlingOption',
  // Checksums that are not computed are refused by pattern (src/services/s3/checksums); nobody pays here.
  s3: 'ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 RequestPayer AnnotationDirective OptionalObjectAttributes AccessControlPolicy ConfirmRemoveSelfBucketAccess',
  cloudtrail: 'RecursiveLogging',
  // Of launches, which end after the dry run; and of networks that reach no other place.
  ec2: 'IncludeManagedResources KernelId Monitoring RamdiskId ElasticInferenceAccelerators CreditSpecification CpuOptions HibernationOptions LicenseSpecifications EnclaveOptions PrivateDnsNameOptions DisableApiStop EnablePrimaryIpv6 NetworkPerformanceOptions Operator SecondaryInterfaces DisableApiTermination InstanceInitiatedShutdownBehavior AdditionalInfo Force SkipOsShutdown Ipv6CidrBlockNetworkBorderGroup DisableLniAtDeviceIndex AllowReassignment NetworkCardIndex EnaQueueCount IpamPrefixListResolverSyncEnabled DestinationOptions TagFieldSpecifications IpAddressType DnsOptions ServiceRegions OdbNetworkArn Kernel Ramdisk SriovNetSupport EnaSupport AllAvailabilityZones',
  logs: 'sequenceToken entity interleaved',
  route53: 'Regions',
  cloudwatch: 'StrictEntityValidation LabelOptions',
  wafv2: 'ReleaseVersion',
  elasticloadbalancing: 'Include',
};

/** What is only talked about is not read. */
const comments = /^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const services = fileURLToPath(new URL('../../src/services/', import.meta.url));

function wordsOf(service: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const name of readdirSync(services + service, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const code = stripTypeScriptTypes(readFileSync(`${services}${service}/${name}`, 'utf8')).replace(comments, '');
    for (const [word] of code.matchAll(/\w+/g)) words.add(word);
  }
  return words;
}

describe('wire trap: parameters that are taken and ignored', () => {
  it('are none but those that are known', { timeout: 60_000 }, async () => {
    const found: Record<string, string[]> = {};
    let members = 0;
    for (const [service, operations] of builtOperations()) {
      const source = sources.find(({ name }) => name === service);
      if (!source) throw new Error(`${service} has no model`);
      const model = await loadService(source);
      const words = wordsOf(service);
      for (const operation of operations) {
        for (const { name } of model.operations.get(operation)?.input.members ?? []) {
          members += 1;
          if (words.has(name)) continue;
          found[service] ??= [];
          if (!found[service].includes(name)) found[service].push(name);
        }
      }
    }
    expect(members).toBeGreaterThan(2_400);
    const sorted = (names: readonly string[]) => [...names].sort();
    const known = Object.entries(passedOver).map(([service, names]) => [service, sorted(names.split(' '))]);
    expect(Object.fromEntries(Object.entries(found).map(([service, names]) => [service, sorted(names)]))).toEqual(
      Object.fromEntries(known),
    );
  });

  describe('that promise something', () => {
    let instance: TestInstance;
    let s3: S3Client;
    const Bucket = 'promises';
    beforeAll(async () => {
      instance = await startInstance();
      s3 = new S3Client({ ...instance.clientOptions(), requestChecksumCalculation: 'WHEN_REQUIRED' });
      await s3.send(new CreateBucketCommand({ Bucket }));
    });
    afterAll(() => instance.stop());

    it.each(['ChecksumMD5', 'ChecksumXXHASH64', 'ChecksumXXHASH3', 'ChecksumXXHASH128'])(
      '%s: a checksum that nobody computes is refused, right or wrong',
      async (name) => {
        const put = new PutObjectCommand({ Bucket, Key: name, Body: 'tea', [name]: 'AAAAAAAAAAA=' });
        expect(await outcome(s3.send(put))).toBe('InvalidRequest');
      },
    );

    it('the same for other requests than those of objects', async () => {
      const tagging = new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } });
      const client = new S3Client(instance.clientOptions());
      client.middlewareStack.add(
        (next) => (args) => {
          const { headers } = args.request as { headers: Record<string, string> };
          for (const name of Object.keys(headers)) if (name.startsWith('x-amz-checksum-')) delete headers[name];
          headers['x-amz-checksum-md5'] = 'AAAA';
          return next(args);
        },
        { step: 'build', priority: 'low' },
      );
      expect(await outcome(client.send(tagging))).toBe('InvalidRequest');
    });

    it('a parameter of a built operation that is not built itself is refused, unless it says nothing', async () => {
      const ec2 = new EC2Client(instance.clientOptions());
      const made = (more: object) => outcome(ec2.send(new CreateVpcCommand({ CidrBlock: '10.99.0.0/16', ...more })));
      expect(await made({ Ipv6NetmaskLength: 56 })).toBe('NotImplemented');
      expect(await made({ Ipv6NetmaskLength: 0 })).toBe('allowed');
      const logs = new CloudWatchLogsClient(instance.clientOptions());
      expect(await outcome(logs.send(new FilterLogEventsCommand({ logGroupName: 'g', unmask: true })))).toBe(
        'NotImplemented',
      );
      expect(await outcome(logs.send(new FilterLogEventsCommand({ logGroupName: 'g', unmask: false })))).toBe(
        'ResourceNotFoundException',
      );
    });

    it.each([
      { ObjectLockEventHold: 'ON' },
      { ObjectLockEventHoldDurationDays: 3 },
      { ObjectLockEventHoldDurationYears: 1 },
      { ObjectLockMode: 'GOVERNANCE' },
      { ObjectLockLegalHoldStatus: 'ON' },
    ])('%j: a hold that would not hold is not built', async (hold) => {
      const put = new PutObjectCommand({ Bucket, Key: 'held', Body: 'tea', ...hold } as never);
      expect(await outcome(s3.send(put))).toBe('NotImplemented');
    });
  });
});
