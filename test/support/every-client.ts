/** The SDK's client of every service that an instance speaks to, by the service's name. */
import { AccountClient } from '@aws-sdk/client-account';
import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { ShieldClient } from '@aws-sdk/client-shield';
import { STSClient } from '@aws-sdk/client-sts';
import { WAFV2Client } from '@aws-sdk/client-wafv2';

export const clients = {
  iam: IAMClient,
  sts: STSClient,
  s3: S3Client,
  cloudtrail: CloudTrailClient,
  ec2: EC2Client,
  account: AccountClient,
  organizations: OrganizationsClient,
  elasticloadbalancing: ElasticLoadBalancingV2Client,
  acm: ACMClient,
  cloudfront: CloudFrontClient,
  route53: Route53Client,
  cloudwatch: CloudWatchClient,
  kms: KMSClient,
  wafv2: WAFV2Client,
  shield: ShieldClient,
  logs: CloudWatchLogsClient,
};
