/** For tests: how the services of the tests are spoken to. */
import { readFile } from 'node:fs/promises';
import type { ServiceModelSource } from './types.ts';

const constraints = (service: string) => async (): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../models/constraints/${service}.json`, import.meta.url), 'utf8'));

export const iam: ServiceModelSource = {
  name: 'iam',
  signingName: 'iam',
  protocols: ['awsQuery'],
  apiVersion: '2010-05-08',
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  hostLabels: ['iam'],
  load: () => import('@aws-sdk/client-iam'),
  constraints: constraints('iam'),
};
export const sts: ServiceModelSource = {
  name: 'sts',
  signingName: 'sts',
  protocols: ['awsQuery'],
  apiVersion: '2011-06-15',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  hostLabels: ['sts'],
  load: () => import('@aws-sdk/client-sts'),
  constraints: constraints('sts'),
};
export const s3: ServiceModelSource = {
  name: 's3',
  signingName: 's3',
  protocols: ['restXml'],
  xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  hostLabels: ['s3'],
  load: () => import('@aws-sdk/client-s3'),
  constraints: constraints('s3'),
};
const cloudtrail: ServiceModelSource = {
  name: 'cloudtrail',
  signingName: 'cloudtrail',
  protocols: ['awsJson1_1'],
  targetPrefix: 'CloudTrail_20131101',
  hostLabels: ['cloudtrail'],
  load: () => import('@aws-sdk/client-cloudtrail'),
  constraints: constraints('cloudtrail'),
};
const ec2: ServiceModelSource = {
  name: 'ec2',
  signingName: 'ec2',
  protocols: ['ec2Query'],
  apiVersion: '2016-11-15',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  hostLabels: ['ec2'],
  load: () => import('@aws-sdk/client-ec2'),
  constraints: constraints('ec2'),
};
export const account: ServiceModelSource = {
  name: 'account',
  signingName: 'account',
  protocols: ['restJson1'],
  hostLabels: ['account'],
  load: () => import('@aws-sdk/client-account'),
  constraints: constraints('account'),
};
export const kms: ServiceModelSource = {
  name: 'kms',
  signingName: 'kms',
  protocols: ['awsJson1_1'],
  targetPrefix: 'TrentService',
  hostLabels: ['kms'],
  load: () => import('@aws-sdk/client-kms'),
  constraints: constraints('kms'),
};
export const cloudwatch: ServiceModelSource = {
  name: 'cloudwatch',
  signingName: 'monitoring',
  protocols: ['awsJson1_0', 'rpcv2Cbor', 'awsQuery'],
  targetPrefix: 'GraniteServiceVersion20100801',
  apiVersion: '2010-08-01',
  xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  hostLabels: ['monitoring'],
  load: () => import('@aws-sdk/client-cloudwatch'),
  constraints: constraints('cloudwatch'),
};

export const sources: readonly ServiceModelSource[] = [iam, sts, s3, cloudtrail, ec2, account, kms, cloudwatch];
