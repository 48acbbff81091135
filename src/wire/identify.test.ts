/** Routing: what each signal of a request means, and which wins. */
import { describe, expect, it } from 'vitest';
import { decode, identify, needsBody, protocolOf, UnidentifiedFault } from './index.ts';
import { httpRequest } from './loopback.fixture.ts';
import { sources } from './sources.fixture.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const hosts = ['localhost', 'bailey.internal'];

async function operation(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body = '',
  signingName?: string,
): Promise<string> {
  const made = httpRequest(method, target, headers, body);
  const hints = { signingName, hosts };
  const buffered = needsBody(made.request, hints) ? made.body : undefined;
  const { service, operation: found, protocol } = await identify(made.request, sources, hints, buffered);
  return `${service.source.name}:${found.name} ${protocol}`;
}

async function refusal(...request: Parameters<typeof operation>): Promise<object> {
  const thrown = await operation(...request).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(UnidentifiedFault);
  const { code, message, status, protocol, serviceName } = thrown as UnidentifiedFault;
  return { code, message, status, protocol, serviceName };
}

describe('S3 routes (wire trap 1)', () => {
  const s3 = async (method: string, target: string, headers: Record<string, string> = {}) =>
    (await operation(method, target, headers, '', 's3')).replace(/^s3:(\w+) restXml$/, '$1');

  it.each([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/?x-id=ListBuckets', 'ListBuckets'],
    ['GET', '/bucket', 'ListObjects'],
    ['GET', '/bucket/', 'ListObjects'],
    ['GET', '/bucket?prefix=a&delimiter=%2F', 'ListObjects'],
    ['GET', '/bucket?list-type=2', 'ListObjectsV2'],
    ['GET', '/bucket?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/bucket?location', 'GetBucketLocation'],
    ['GET', '/bucket/?location=', 'GetBucketLocation'],
    ['GET', '/bucket?policy', 'GetBucketPolicy'],
    ['GET', '/bucket?policyStatus', 'GetBucketPolicyStatus'],
    ['GET', '/bucket?uploads', 'ListMultipartUploads'],
    ['GET', '/bucket?versions&prefix=x', 'ListObjectVersions'],
    ['GET', '/bucket?analytics', 'ListBucketAnalyticsConfigurations'],
    ['GET', '/bucket?analytics&id=x', 'GetBucketAnalyticsConfiguration'],
    ['PUT', '/bucket', 'CreateBucket'],
    ['PUT', '/bucket?acl', 'PutBucketAcl'],
    ['DELETE', '/bucket', 'DeleteBucket'],
    ['DELETE', '/bucket?policy', 'DeleteBucketPolicy'],
    ['HEAD', '/bucket', 'HeadBucket'],
    ['POST', '/bucket?delete', 'DeleteObjects'],
    ['GET', '/bucket/key', 'GetObject'],
    ['GET', '/bucket/key?x-id=GetObject', 'GetObject'],
    ['GET', '/bucket/key?partNumber=1', 'GetObject'],
    ['GET', '/bucket/key?uploadId=u', 'ListParts'],
    ['GET', '/bucket/key?acl&versionId=1', 'GetObjectAcl'],
    ['GET', '/bucket/key?tagging', 'GetObjectTagging'],
    ['GET', '/bucket/a/b/c', 'GetObject'],
    ['GET', '/bucket//key', 'GetObject'],
    ['PUT', '/bucket/key?x-id=PutObject', 'PutObject'],
    ['PUT', '/bucket/key?partNumber=1&uploadId=u&x-id=UploadPart', 'UploadPart'],
    ['DELETE', '/bucket/key', 'DeleteObject'],
    ['DELETE', '/bucket/key?uploadId=u', 'AbortMultipartUpload'],
    ['POST', '/bucket/key?uploads', 'CreateMultipartUpload'],
    ['POST', '/bucket/key?uploadId=u', 'CompleteMultipartUpload'],
    ['POST', '/bucket/key?select&select-type=2', 'SelectObjectContent'],
    ['HEAD', '/bucket/key', 'HeadObject'],
    ['OPTIONS', '/bucket/key', 'OptionsObject'],
    ['OPTIONS', '/bucket', 'OptionsObject'],
  ])('%s %s is %s', async (method, target, name) => {
    expect(await s3(method, target)).toBe(name);
  });

  it('tells a copy by its header', async () => {
    const copy = { 'x-amz-copy-source': 'a/b' };
    expect(await s3('PUT', '/bucket/key', copy)).toBe('CopyObject');
    expect(await s3('PUT', '/bucket/key?partNumber=1&uploadId=u', copy)).toBe('UploadPartCopy');
  });

  it('knows a form upload by its content', async () => {
    expect(await s3('POST', '/bucket', { 'content-type': 'multipart/form-data; boundary=x' })).toBe('PostObject');
    expect(await operation('POST', '/bucket', { 'content-type': 'multipart/form-data; boundary=x' })).toBe(
      's3:PostObject restXml',
    );
  });

  it.each([
    ['PUT', '/bucket/key?partNumber=1', 'InvalidRequest'],
    ['PUT', '/bucket/key?uploadId=u', 'InvalidRequest'],
    ['PUT', '/bucket/key?uploads', 'MethodNotAllowed'],
    ['DELETE', '/bucket?acl', 'MethodNotAllowed'],
    ['DELETE', '/bucket?uploads', 'MethodNotAllowed'],
    ['PUT', '/bucket/key?policy', 'MethodNotAllowed'],
    ['GET', '/bucket?acl&policy', 'MethodNotAllowed'],
    ['POST', '/bucket', 'MethodNotAllowed'],
    ['PATCH', '/bucket/key', 'MethodNotAllowed'],
    ['DELETE', '/', 'MethodNotAllowed'],
    ['GET', '//key', 'InvalidBucketName'],
    ['GET', '/bucket/key?a=%', 'InvalidURI'],
  ])('%s %s is refused, not taken for another', async (method, target, code) => {
    expect(await refusal(method, target, {}, '', 's3')).toMatchObject({ code, protocol: 'restXml' });
  });

  it('does not take S3 Control for a bucket', async () => {
    const path = '/v20180820/configuration/publicAccessBlock';
    expect(await refusal('PUT', path, { 'x-amz-account-id': '111122223333' }, '', 's3')).toMatchObject({ status: 501 });
    expect(await s3('PUT', path)).toBe('PutObject');
  });

  it('finds buckets in hosts and in paths', async () => {
    const input = async (host: string, target: string) => {
      const { request } = httpRequest('GET', target, { host });
      const identified = await identify(request, sources, { signingName: 's3', hosts });
      const { Bucket, Key } = decode(identified, request, new Uint8Array()) as { Bucket?: string; Key?: string };
      return [identified.operation.name, Bucket, Key];
    };
    expect(await input('bucket.s3.us-east-1.amazonaws.com', '/a/b')).toEqual(['GetObject', 'bucket', 'a/b']);
    expect(await input('my.dotted.bucket.s3.amazonaws.com', '/a')).toEqual(['GetObject', 'my.dotted.bucket', 'a']);
    expect(await input('bucket.localhost:4566', '/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('bucket.s3.localhost:4566', '/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('BUCKET.bailey.internal', '/')).toEqual(['ListObjects', 'bucket', undefined]);
    expect(await input('s3.localhost:4566', '/bucket/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('localhost:4566', '/bucket/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('127.0.0.1:4566', '/bucket/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('elsewhere.example', '/bucket/a')).toEqual(['GetObject', 'bucket', 'a']);
    expect(await input('bucket.localhost', '//a/../b')).toEqual(['GetObject', 'bucket', '/a/../b']);
  });
});

describe('targets (wire trap 2)', () => {
  const json = { 'content-type': 'application/x-amz-json-1.1' };
  it('splits at the last dot and matches the end of what stands before', async () => {
    const boto = { ...json, 'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents' };
    expect(await operation('POST', '/', boto)).toBe('cloudtrail:LookupEvents awsJson1_1');
    const js = { ...json, 'x-amz-target': 'CloudTrail_20131101.LookupEvents' };
    expect(await operation('POST', '/', js)).toBe('cloudtrail:LookupEvents awsJson1_1');
  });

  it('refuses unknown targets in JSON', async () => {
    for (const target of [
      'CloudTrail_20131101.Nope',
      'DynamoDB_20120810.GetItem',
      '.',
      'x',
      'CloudTrail_20131101.__proto__',
    ]) {
      expect(await refusal('POST', '/', { ...json, 'x-amz-target': target })).toMatchObject({
        code: 'UnknownOperationException',
        status: 400,
        protocol: 'awsJson1_1',
      });
    }
  });

  it('dispatches on the target even on a path of S3: the scope check then refuses the mixture (wire trap 19)', async () => {
    const mixed = { ...json, 'x-amz-target': 'TrentService.Decrypt' };
    expect(await operation('POST', '/?delete', mixed, '', 's3')).toBe('kms:Decrypt awsJson1_1');
    expect(await operation('PUT', '/bucket/key', mixed, '', 's3')).toBe('s3:PutObject restXml');
  });
});

describe('actions', () => {
  it('finds them in forms and in queries, by signature, host or version', async () => {
    expect(await operation('POST', '/', form, 'Action=ListUsers&Version=2010-05-08', 'iam')).toBe(
      'iam:ListUsers awsQuery',
    );
    expect(await operation('POST', '/', form, 'Action=ListUsers', 'iam')).toBe('iam:ListUsers awsQuery');
    expect(await operation('GET', '/?Action=GetCallerIdentity&Version=2011-06-15', {}, '', 'sts')).toBe(
      'sts:GetCallerIdentity awsQuery',
    );
    expect(await operation('POST', '/', form, 'Action=DescribeInstances&Version=2016-11-15')).toBe(
      'ec2:DescribeInstances ec2Query',
    );
    expect(await operation('POST', '/', form, 'Action=AssumeRoleWithWebIdentity&Version=2011-06-15')).toBe(
      'sts:AssumeRoleWithWebIdentity awsQuery',
    );
    expect(await operation('POST', '/', { ...form, host: 'iam.localhost' }, 'Action=ListUsers')).toBe(
      'iam:ListUsers awsQuery',
    );
  });

  it('refuses unknown actions and versions with the text of the service', async () => {
    expect(await refusal('POST', '/', form, 'Action=Nope&Version=2010-05-08', 'iam')).toEqual({
      code: 'InvalidAction',
      message: 'Could not find operation Nope for version 2010-05-08',
      status: 400,
      protocol: 'awsQuery',
      serviceName: 'iam',
    });
    expect(await refusal('POST', '/', form, 'Action=ListUsers&Version=1999-01-01', 'iam')).toMatchObject({
      code: 'InvalidAction',
    });
    expect(await refusal('POST', '/', form, 'Version=2010-05-08', 'iam')).toMatchObject({ code: 'MissingAction' });
    expect(await refusal('POST', '/', form, 'Action=Nope', 'ec2')).toMatchObject({
      message: 'The action Nope is not valid for this web service.',
      protocol: 'ec2Query',
    });
    expect(await refusal('POST', '/', form, 'Action=SendMessage&Version=2012-11-05', 'sqs')).toMatchObject({
      code: 'InvalidAction',
    });
  });

  it('refuses a parameter that appears twice, in query or body', async () => {
    expect(await refusal('POST', '/', form, 'Action=ListUsers&Action=DeleteUser', 'iam')).toMatchObject({
      code: 'MalformedQueryString',
    });
    expect(await refusal('POST', '/?Action=ListUsers', form, 'Action=DeleteUser', 'iam')).toMatchObject({
      code: 'MalformedQueryString',
    });
  });

  it('leaves an Action parameter of an S3 request to S3', async () => {
    expect(await operation('GET', '/bucket?Action=ListUsers&Version=2010-05-08', {}, '', 's3')).toBe(
      's3:ListObjects restXml',
    );
  });
});

describe('CBOR paths and REST-JSON routes', () => {
  const cbor = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
  it('finds the service and the operation', async () => {
    const path = '/service/GraniteServiceVersion20100801/operation/ListMetrics';
    expect(await operation('POST', path, cbor)).toBe('cloudwatch:ListMetrics rpcv2Cbor');
    expect(await operation('POST', '/getContactInformation', {}, '', 'account')).toBe(
      'account:GetContactInformation restJson1',
    );
  });

  it('refuses what it does not know', async () => {
    expect(await refusal('POST', '/service/Nope/operation/X', cbor)).toMatchObject({
      protocol: 'rpcv2Cbor',
      status: 404,
    });
    expect(await refusal('GET', '/service/GraniteServiceVersion20100801/operation/ListMetrics', cbor)).toMatchObject({
      code: 'UnknownOperationException',
    });
    expect(await refusal('POST', '/nothing', {}, '', 'account')).toMatchObject({ status: 404, protocol: 'restJson1' });
    expect(await refusal('GET', '/x', {}, '', 'lambda')).toMatchObject({ status: 404, protocol: 'restJson1' });
  });
});

it('guesses the envelope that a client of an unknown service expects', () => {
  const guess = (headers: Record<string, string>, signingName?: string) =>
    protocolOf(httpRequest('POST', '/', headers).request, { signingName });
  expect(guess({ 'x-amz-target': 'DynamoDB_20120810.GetItem', 'content-type': 'application/x-amz-json-1.0' })).toBe(
    'awsJson1_0',
  );
  expect(guess({ 'smithy-protocol': 'rpc-v2-cbor' })).toBe('rpcv2Cbor');
  expect(guess(form, 'sns')).toBe('awsQuery');
  expect(guess({}, 'ec2')).toBe('ec2Query');
  expect(guess({}, 'lambda')).toBe('restJson1');
  expect(guess({}, 's3')).toBe('restXml');
  expect(guess({})).toBe('restXml');
});

it('asks for the body only where the operation stands in it', () => {
  const needs = (method: string, headers: Record<string, string>, signingName?: string) =>
    needsBody(httpRequest(method, '/', headers).request, { signingName });
  expect(needs('POST', form, 'iam')).toBe(true);
  expect(needs('POST', {})).toBe(true);
  expect(needs('POST', form, 's3')).toBe(false);
  expect(needs('PUT', form)).toBe(false);
  expect(needs('POST', { 'x-amz-target': 'a.b' })).toBe(false);
  expect(needs('POST', { 'content-type': 'multipart/form-data; boundary=x' })).toBe(false);
});
