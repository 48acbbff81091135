/** How each service is spoken to: one entry a service, its schemas loaded on the first call. */
import type { ServiceModelSource } from '../wire/types.ts';

const constraints = (service: string) => async (): Promise<unknown> => {
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(new URL(`../models/constraints/${service}.json`, import.meta.url), 'utf8'));
};

export const sources: readonly ServiceModelSource[] = [
  {
    name: 'iam',
    signingName: 'iam',
    protocols: ['awsQuery'],
    apiVersion: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    hostLabels: ['iam'],
    load: () => import('@aws-sdk/client-iam'),
    constraints: constraints('iam'),
  },
  {
    name: 'sts',
    signingName: 'sts',
    protocols: ['awsQuery'],
    apiVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    hostLabels: ['sts'],
    load: () => import('@aws-sdk/client-sts'),
    constraints: constraints('sts'),
  },
  {
    name: 's3',
    signingName: 's3',
    protocols: ['restXml'],
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    hostLabels: ['s3'],
    load: () => import('@aws-sdk/client-s3'),
    constraints: constraints('s3'),
  },
  {
    name: 'cloudtrail',
    signingName: 'cloudtrail',
    protocols: ['awsJson1_1'],
    targetPrefix: 'CloudTrail_20131101',
    hostLabels: ['cloudtrail'],
    load: () => import('@aws-sdk/client-cloudtrail'),
    constraints: constraints('cloudtrail'),
  },
  {
    name: 'ec2',
    signingName: 'ec2',
    protocols: ['ec2Query'],
    apiVersion: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    hostLabels: ['ec2'],
    load: () => import('@aws-sdk/client-ec2'),
    constraints: constraints('ec2'),
  },
  {
    name: 'account',
    signingName: 'account',
    protocols: ['restJson1'],
    hostLabels: ['account'],
    load: () => import('@aws-sdk/client-account'),
    constraints: constraints('account'),
  },
  {
    name: 'kms',
    signingName: 'kms',
    protocols: ['awsJson1_1'],
    targetPrefix: 'TrentService',
    hostLabels: ['kms'],
    load: () => import('@aws-sdk/client-kms'),
    constraints: constraints('kms'),
  },
  {
    name: 'organizations',
    signingName: 'organizations',
    protocols: ['awsJson1_1'],
    targetPrefix: 'AWSOrganizationsV20161128',
    hostLabels: ['organizations'],
    load: () => import('@aws-sdk/client-organizations'),
    constraints: constraints('organizations'),
  },
  {
    name: 'wafv2',
    signingName: 'wafv2',
    protocols: ['awsJson1_1'],
    targetPrefix: 'AWSWAF_20190729',
    hostLabels: ['wafv2'],
    load: () => import('@aws-sdk/client-wafv2'),
    constraints: constraints('wafv2'),
  },
  {
    name: 'shield',
    signingName: 'shield',
    protocols: ['awsJson1_1'],
    targetPrefix: 'AWSShield_20160616',
    hostLabels: ['shield'],
    load: () => import('@aws-sdk/client-shield'),
    constraints: constraints('shield'),
  },
  {
    name: 'elasticloadbalancing',
    signingName: 'elasticloadbalancing',
    protocols: ['awsQuery'],
    apiVersion: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    hostLabels: ['elasticloadbalancing'],
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
    constraints: constraints('elasticloadbalancing'),
  },
  {
    name: 'cloudfront',
    signingName: 'cloudfront',
    protocols: ['restXml'],
    xmlNamespace: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
    hostLabels: ['cloudfront'],
    load: () => import('@aws-sdk/client-cloudfront'),
    constraints: constraints('cloudfront'),
  },
  {
    name: 'route53',
    signingName: 'route53',
    protocols: ['restXml'],
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
    hostLabels: ['route53'],
    load: () => import('@aws-sdk/client-route-53'),
    constraints: constraints('route53'),
  },
  {
    name: 'acm',
    signingName: 'acm',
    protocols: ['awsJson1_1'],
    targetPrefix: 'CertificateManager',
    hostLabels: ['acm'],
    load: () => import('@aws-sdk/client-acm'),
    constraints: constraints('acm'),
  },
  {
    name: 'cloudwatch',
    signingName: 'monitoring',
    protocols: ['awsJson1_0', 'rpcv2Cbor', 'awsQuery'],
    targetPrefix: 'GraniteServiceVersion20100801',
    apiVersion: '2010-08-01',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    hostLabels: ['monitoring'],
    load: () => import('@aws-sdk/client-cloudwatch'),
    constraints: constraints('cloudwatch'),
  },
  {
    name: 'logs',
    signingName: 'logs',
    protocols: ['awsJson1_1'],
    targetPrefix: 'Logs_20140328',
    hostLabels: ['logs'],
    load: () => import('@aws-sdk/client-cloudwatch-logs'),
    constraints: constraints('logs'),
  },
  {
    name: 'supportplans',
    signingName: 'supportplans',
    protocols: ['restJson1'],
    hostLabels: ['supportplans'],
    load: () => import('../services/supportplans/schema.ts'),
  },
  {
    name: 'bailey',
    signingName: 'bailey',
    protocols: ['awsJson1_1'],
    targetPrefix: 'Bailey',
    load: () => import('../services/bailey/schema.ts'),
  },
];

/** Regions that a signature may name (AWS General Reference, "AWS Regions and endpoints", partition aws). */
export const regions: ReadonlySet<string> = new Set(
  (
    'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ' +
    'ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 ' +
    'eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 ' +
    'me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2'
  ).split(' '),
);
