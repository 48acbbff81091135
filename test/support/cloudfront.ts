/** For tests of CloudFront: clients, and the smallest distributions. */
import { randomBytes } from 'node:crypto';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import {
  CloudFrontClient,
  CreateDistributionCommand,
  type Distribution,
  type DistributionConfig,
} from '@aws-sdk/client-cloudfront';
import { makeCertificate } from './certificates.ts';
import { adminKeys, type Keys, type TestInstance } from './instance.ts';

export const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';
export const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
export const allViewer = '216adef6-5c7f-47e4-b989-5492eafa07d3';

export const cloudFrontClient = (instance: TestInstance, keys: Keys = adminKeys): CloudFrontClient =>
  new CloudFrontClient(instance.clientOptions(keys));

export function distributionConfig(over: Partial<DistributionConfig> = {}, port = 8080): DistributionConfig {
  return {
    CallerReference: randomBytes(6).toString('hex'),
    Comment: 'shop',
    Enabled: true,
    Origins: {
      Quantity: 1,
      Items: [
        {
          Id: 'web',
          DomainName: 'localhost',
          CustomOriginConfig: { HTTPPort: port, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' },
        },
      ],
    },
    DefaultCacheBehavior: {
      TargetOriginId: 'web',
      ViewerProtocolPolicy: 'allow-all',
      CachePolicyId: cachingOptimized,
    },
    ...over,
  };
}

export interface MadeDistribution {
  readonly distribution: Distribution;
  readonly etag: string;
}

export async function makeDistribution(
  client: CloudFrontClient,
  over: Partial<DistributionConfig> = {},
  port?: number,
): Promise<MadeDistribution> {
  const DistributionConfig = distributionConfig(over, port);
  const { Distribution, ETag } = await client.send(new CreateDistributionCommand({ DistributionConfig }));
  return { distribution: Distribution as Distribution, etag: ETag ?? '' };
}

/** ARN of a certificate for these names, in ACM. */
export async function importedCertificate(instance: TestInstance, names: readonly string[], keys: Keys = adminKeys) {
  const acm = new ACMClient(instance.clientOptions(keys));
  const made = await makeCertificate({ name: names[0] ?? '', names });
  const { CertificateArn } = await acm.send(
    new ImportCertificateCommand({ Certificate: Buffer.from(made.pem), PrivateKey: Buffer.from(made.privateKey) }),
  );
  acm.destroy();
  return { arn: CertificateArn ?? '', made };
}
