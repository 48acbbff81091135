/** For tests: the services as the product speaks to them, and two that bring protocols of their own. */
import { readFile } from 'node:fs/promises';
import { sources as built } from '../instance/sources.ts';
import type { ServiceModelSource } from './types.ts';

const constraints = (service: string) => async (): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../models/constraints/${service}.json`, import.meta.url), 'utf8'));

function product(name: string): ServiceModelSource {
  const source = built.find((one) => one.name === name);
  if (!source) throw new Error(`The product speaks to no ${name}.`);
  return source;
}

export const iam = product('iam');
export const sts = product('sts');
export const s3 = product('s3');
export const account = product('account');
export const kms = product('kms');
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

export const sources: readonly ServiceModelSource[] = [
  iam,
  sts,
  s3,
  product('cloudtrail'),
  product('ec2'),
  account,
  kms,
  cloudwatch,
];
