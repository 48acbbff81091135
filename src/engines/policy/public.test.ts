/** The meaning of public, by the cases that S3's documentation names. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { expect, test } from 'vitest';
import { parsePolicy } from './parse.ts';
import { isPublic } from './public.ts';

function judged(changes: object): boolean {
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::shop/*',
    ...changes,
  };
  return isPublic(parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statement }), 'resource'));
}

const condition = (operator: string, key: string, value: string | string[]): boolean =>
  judged({ Condition: { [operator]: { [key]: value } } });

test('everyone is public, somebody is not', () => {
  expect(judged({})).toBe(true);
  expect(judged({ Principal: { AWS: '*' } })).toBe(true);
  expect(judged({ Principal: { AWS: ['111122223333', '*'] } })).toBe(true);
  expect(judged({ Principal: { AWS: '111122223333' } })).toBe(false);
  expect(judged({ Principal: { Service: 'cloudtrail.amazonaws.com' } })).toBe(false);
  expect(judged({ Effect: 'Deny' })).toBe(false);
});

test('fixed values of the documented keys are not public', () => {
  expect(condition('StringEquals', 'aws:SourceVpc', 'vpc-91237329')).toBe(false);
  expect(condition('StringLike', 'aws:SourceVpc', 'vpc-*')).toBe(true);
  expect(condition('StringLike', 'AWS:SOURCEVPCE', 'vpce-1a2b3c4d')).toBe(false);
  expect(condition('StringEquals', 'aws:PrincipalOrgID', 'o-abcdef1234')).toBe(false);
  expect(condition('ArnLike', 'aws:SourceArn', 'arn:aws:sns:*:111122223333:topic')).toBe(true);
  expect(condition('ArnEquals', 'aws:SourceArn', 'arn:aws:sns:us-east-1:111122223333:topic')).toBe(false);
  expect(condition('StringLike', 'aws:userid', 'AROAEXAMPLE:*')).toBe(true);
  expect(condition('StringEquals', 'aws:userid', 'AROAEXAMPLE:shift')).toBe(false);
  expect(condition('ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:us-west-2:111122223333:accesspoint/*')).toBe(false);
  expect(condition('ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:us-west-2:*:accesspoint/x')).toBe(true);
});

test('addresses are not public unless they are half the world', () => {
  expect(condition('IpAddress', 'aws:SourceIp', '203.0.113.0/24')).toBe(false);
  expect(condition('IpAddress', 'aws:SourceIp', ['203.0.113.0/24', '0.0.0.0/1'])).toBe(true);
  expect(condition('IpAddress', 'aws:SourceIp', '10.0.0.0/8')).toBe(false);
  expect(condition('IpAddress', 'aws:SourceIp', '12.0.0.0/7')).toBe(true);
  expect(condition('IpAddress', 'aws:SourceIp', '2001:db8::/32')).toBe(false);
  expect(condition('IpAddress', 'aws:SourceIp', '2001::/16')).toBe(true);
  expect(condition('NotIpAddress', 'aws:SourceIp', '203.0.113.0/24')).toBe(true);
});

test('conditions that hold for absent keys, negations and other keys leave it public', () => {
  expect(condition('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-91237329')).toBe(true);
  expect(condition('ForAllValues:StringEquals', 'aws:SourceVpc', 'vpc-91237329')).toBe(true);
  expect(condition('StringNotEquals', 'aws:SourceVpc', 'vpc-91237329')).toBe(true);
  expect(condition('StringEquals', 'aws:UserAgent', 'me')).toBe(true);
  expect(condition('StringEquals', 'aws:SourceVpc', ['vpc-1', '${aws:PrincipalTag/vpc}'])).toBe(true);
  expect(condition('StringEquals', 'aws:SourceVpc', [])).toBe(true);
});
