/** The traps of the wire, one test each; the numbers are those of the research notes that named them. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  decode,
  encode,
  encodeFault,
  type HttpResponse,
  identify,
  inflate,
  loadService,
  mask,
  needsBody,
  type WireFault,
} from './index.ts';
import { httpRequest } from './loopback.fixture.ts';
import { account, cloudwatch, iam, kms, s3, sources, sts } from './sources.fixture.ts';
import type { HttpRequest, ProtocolName, ServiceModelSource } from './types.ts';

const ID = 'request-1';

async function at(source: ServiceModelSource, name: string, protocol?: ProtocolName) {
  const service = await loadService(source);
  const operation = service.operations.get(name)!;
  return { service, operation, protocol: protocol ?? source.protocols[0]!, labels: new Map<string, string>() };
}

async function call(
  method: string,
  target: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
  signingName: string,
): Promise<object> {
  const made = httpRequest(method, target, headers, body);
  const hints = { signingName };
  const identified = await identify(
    made.request,
    sources,
    hints,
    needsBody(made.request, hints) ? made.body : undefined,
  );
  return decode(identified, made.request, made.body);
}

const kmsCall = (operation: string, body: unknown) =>
  call(
    'POST',
    '/',
    { 'x-amz-target': `TrentService.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
    typeof body === 'string' ? body : JSON.stringify(body),
    'kms',
  );
const iamCall = (body: string) =>
  call('POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, `${body}&Version=2010-05-08`, 'iam');
const text = ({ body }: HttpResponse) => (body instanceof Uint8Array ? Buffer.from(body).toString() : String(body));

describe('answers', () => {
  it('wire trap 5: GetBucketLocation is the value itself', async () => {
    const where = await at(s3, 'GetBucketLocation');
    expect(text(encode(where, { LocationConstraint: 'eu-central-1' }, ID))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-central-1</LocationConstraint>',
    );
    expect(text(encode(where, {}, ID))).toMatch(/<LocationConstraint [^>]*><\/LocationConstraint>$/);
  });

  it('wire trap 6: header names are in lower case, and none is written twice', async () => {
    const { headers } = encode(
      await at(s3, 'GetObject'),
      {
        ContentLength: 3,
        ETag: '"x"',
        Metadata: { Colour: 'grün' },
        ContentType: 'text/css',
        LastModified: new Date(0),
      },
      ID,
    );
    expect(Object.keys(headers).every((name) => name === name.toLowerCase())).toBe(true);
    expect(headers).toMatchObject({
      'content-length': '3',
      'content-type': 'text/css',
      'x-amz-meta-colour': Buffer.from('grün').toString('latin1'),
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-amz-request-id': ID,
    });
    expect(headers['x-amz-id-2']).toHaveLength(76);
  });

  it('wire trap 6b: a line break in metadata cannot begin a header', async () => {
    const { headers } = encode(await at(s3, 'GetObject'), { Metadata: { a: 'x\r\nset-cookie: y' } }, ID);
    expect(headers['x-amz-meta-a']).toBe('x set-cookie: y');
  });

  it('wire trap 7: REST-JSON errors carry their type in a header and their message in the body', async () => {
    const where = await at(account, 'GetContactInformation');
    const fault = encodeFault(
      { identified: where, protocol: 'restJson1' },
      { code: 'AccessDeniedException', message: 'no' },
      ID,
    );
    expect(fault.status).toBe(403);
    expect(fault.headers).toMatchObject({
      'x-amzn-errortype': 'AccessDeniedException',
      'content-type': 'application/json',
    });
    expect(JSON.parse(text(fault))).toEqual({ message: 'no' });
    const unmodelled = encodeFault({ protocol: 'restJson1' }, { code: 'AccessDeniedException', message: 'no' }, ID);
    expect(JSON.parse(text(unmodelled))).toEqual({ Message: 'no' });
  });

  it('wire trap 8: __type is short in 1.1 and absolute in 1.0; query-compatible services say the query code', async () => {
    const short = encodeFault(
      { identified: await at(kms, 'Encrypt'), protocol: 'awsJson1_1' },
      { code: 'DisabledException', message: 'x' },
      ID,
    );
    expect(JSON.parse(text(short))).toEqual({ __type: 'DisabledException', message: 'x' });
    const long = encodeFault(
      { identified: await at(cloudwatch, 'GetDashboard'), protocol: 'awsJson1_0' },
      { code: 'InvalidParameterValue', message: 'x' },
      ID,
    );
    expect(JSON.parse(text(long)).__type).toBe('com.amazonaws.cloudwatch#InvalidParameterValueException');
    expect(long.headers['x-amzn-query-error']).toBe('InvalidParameterValue;Sender');
    const loose = encodeFault({ protocol: 'awsJson1_0' }, { code: 'SerializationException', message: 'x' }, ID);
    expect(JSON.parse(text(loose))).toEqual({
      __type: 'com.amazon.coral.service#SerializationException',
      Message: 'x',
    });
  });

  it('wire trap 9: awsJson says 400 whatever the model says; query and S3 use the model', async () => {
    const json = encodeFault(
      { identified: await at(kms, 'Encrypt'), protocol: 'awsJson1_1' },
      { code: 'NotFoundException', message: 'x' },
      ID,
    );
    expect(json.status).toBe(400);
    const internal = encodeFault(
      { identified: await at(kms, 'Encrypt'), protocol: 'awsJson1_1' },
      { code: 'InternalFailure', message: 'x' },
      ID,
    );
    expect(internal.status).toBe(500);
    const status = async (source: ServiceModelSource, name: string, code: string) => {
      const identified = await at(source, name);
      return encodeFault({ identified, protocol: identified.protocol }, { code, message: 'x' }, ID).status;
    };
    expect(await status(iam, 'GetUser', 'NoSuchEntity')).toBe(404);
    expect(await status(iam, 'CreateUser', 'EntityAlreadyExists')).toBe(409);
    expect(await status(iam, 'GetUser', 'AccessDenied')).toBe(403);
    expect(await status(sts, 'AssumeRole', 'ExpiredTokenException')).toBe(400);
    expect(await status(s3, 'GetBucketPolicy', 'NoSuchBucketPolicy')).toBe(404);
    expect(await status(s3, 'GetObject', 'InvalidRange')).toBe(416);
    expect(await status(kms, 'Encrypt', 'AccessDeniedException')).toBe(400);
  });

  it('wire trap 10: without output the body of awsJson is empty; lists have the roots that S3 uses', async () => {
    expect(text(encode(await at(kms, 'EnableKey'), {}, ID))).toBe('');
    expect(text(encode(await at(s3, 'ListBuckets'), { Buckets: [] }, ID))).toContain('<ListAllMyBucketsResult xmlns=');
    expect(text(encode(await at(s3, 'CopyObject'), { CopyObjectResult: { ETag: 'x' } }, ID))).toContain(
      '<CopyObjectResult xmlns=',
    );
    expect(encode(await at(s3, 'DeleteObject'), {}, ID)).toMatchObject({ status: 204, body: '' });
    const query = text(encode(await at(iam, 'DeleteUser'), {}, ID));
    expect(query).toContain('<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">');
    expect(query).not.toContain('Result');
    expect(query).toContain(`<RequestId>${ID}</RequestId>`);
  });

  it('puts query errors, EC2 errors and S3 errors in their envelopes', async () => {
    const query = encodeFault(
      { identified: await at(iam, 'GetUser'), protocol: 'awsQuery' },
      { code: 'NoSuchEntity', message: 'a<b' },
      ID,
    );
    expect(text(query).replace(/\s*\n\s*/g, '')).toBe(
      `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>a&lt;b</Message></Error><RequestId>${ID}</RequestId></ErrorResponse>`,
    );
    const ec2 = encodeFault({ protocol: 'ec2Query' }, { code: 'UnauthorizedOperation', message: 'm' }, ID);
    expect(ec2.status).toBe(403);
    expect(text(ec2)).toContain(
      '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>m</Message></Error></Errors>',
    );
    const object = encodeFault(
      { protocol: 'restXml', resource: '/b/k&' },
      { code: 'AccessDenied', message: 'Access Denied' },
      ID,
    );
    expect(object.status).toBe(403);
    expect(text(object)).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>AccessDenied<\/Code><Message>Access Denied<\/Message><Resource>\/b\/k&amp;<\/Resource><RequestId>request-1<\/RequestId><HostId>[^<]{76}<\/HostId><\/Error>$/,
    );
    expect(encodeFault({ protocol: 'restXml', method: 'HEAD' }, { code: 'NoSuchKey', message: 'x' }, ID)).toMatchObject(
      { status: 404, body: '' },
    );
  });

  it('refuses to send what is not of the type that the model says', async () => {
    const where = await at(kms, 'Encrypt');
    expect(() => encode(where, { KeyId: 5 }, ID)).toThrow(TypeError);
    expect(() => encode(where, { CiphertextBlob: 'text' }, ID)).toThrow(TypeError);
    expect(() => encode({ ...where, protocol: 'rpcv2Cbor' }, { KeyId: 5 }, ID)).toThrow(TypeError);
    const user = { UserName: 'u', Path: '/', UserId: 'x', Arn: 'y', CreateDate: 'yesterday' };
    const iamUser = await at(iam, 'CreateUser');
    expect(() => encode(iamUser, { User: user }, ID)).toThrow(TypeError);
  });

  it('never writes members that the model does not have', async () => {
    expect(text(encode(await at(kms, 'Encrypt'), { KeyId: 'k', secret: 's' }, ID))).toBe('{"KeyId":"k"}');
  });
});

describe('requests', () => {
  it('wire trap 11: gzip is opened under a limit, in query forms too', async () => {
    expect(Buffer.from(await inflate(new Uint8Array(gzipSync('abc')), 10)).toString()).toBe('abc');
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    await expect(inflate(bomb, 1024 * 1024)).rejects.toMatchObject({ code: 'RequestEntityTooLarge', status: 413 });
    await expect(inflate(new Uint8Array([1, 2, 3]), 100)).rejects.toMatchObject({ code: 'SerializationException' });
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
    const body = new Uint8Array(gzipSync('Action=GetUser&Version=2010-05-08&UserName=rudy'));
    expect(await call('POST', '/', form, body, 'iam')).toEqual({ UserName: 'rudy' });
    await expect(call('POST', '/', form, bomb, 'iam')).rejects.toMatchObject({ code: 'RequestEntityTooLarge' });
  });

  it('wire trap 12: idempotency tokens are left absent', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=RunInstances&MinCount=1&MaxCount=1&ImageId=ami-1';
    expect(await call('POST', '/', form, body, 'ec2')).toEqual({ MinCount: 1, MaxCount: 1, ImageId: 'ami-1' });
  });

  it('wire trap 13: wrong types are SerializationException, and no prototype is touched', async () => {
    const wrong: [unknown, string][] = [
      [{ KeyId: 5, Plaintext: 'AA==' }, 'NUMBER_VALUE can not be converted to a String'],
      [{ KeyId: 'k', Plaintext: 7 }, 'NUMBER_VALUE can not be converted to a Blob'],
      [{ KeyId: 'k', Plaintext: 'not base64!' }, 'Plaintext is not valid base64'],
      [{ KeyId: true, Plaintext: 'AA==' }, 'TRUE_VALUE can not be converted to a String'],
      [{ KeyId: ['k'], Plaintext: 'AA==' }, 'Start of list found where not expected.'],
      [{ KeyId: {}, Plaintext: 'AA==' }, 'Start of structure or map found where not expected.'],
      [{ KeyId: 'k', Plaintext: 'AA==', GrantTokens: 'x' }, 'STRING_VALUE can not be converted to a List'],
      [
        { KeyId: 'k', Plaintext: 'AA==', GrantTokens: [null] },
        'A list holds null where its elements must not be null.',
      ],
      [{ KeyId: 'k', Plaintext: 'AA==', EncryptionContext: { a: 1 } }, 'NUMBER_VALUE can not be converted to a String'],
      [{ KeyId: 'k', Plaintext: 'AA==', DryRun: 'true' }, 'STRING_VALUE can not be converted to a Boolean'],
      [[], 'Start of list found where not expected.'],
      ['null', 'NULL_VALUE can not be converted to a structure'],
      ['{"KeyId"', 'The request body is not valid JSON.'],
      ['"x"', 'STRING_VALUE can not be converted to a structure'],
      ['{"KeyId":"\\ud800","Plaintext":"AA=="}', 'A text is not valid Unicode.'],
    ];
    for (const [body, message] of wrong) {
      await expect(kmsCall('Encrypt', body)).rejects.toMatchObject({
        code: 'SerializationException',
        message,
        status: 400,
      });
    }
    await expect(kmsCall('GenerateRandom', { NumberOfBytes: 1.5 })).rejects.toMatchObject({
      message: 'DECIMAL_VALUE can not be converted to an Integer',
    });
    const input = await kmsCall(
      'Encrypt',
      '{"KeyId":"k","Plaintext":"AA==","__proto__":{"DryRun":true},"EncryptionContext":{"__proto__":"x"}}',
    );
    expect((input as { DryRun?: boolean }).DryRun).toBeUndefined();
    const { EncryptionContext } = input as { EncryptionContext: object };
    expect(Object.getPrototypeOf(EncryptionContext)).toBeNull();
    expect(Object.keys(EncryptionContext)).toEqual(['__proto__']);
    expect(({} as { DryRun?: boolean }).DryRun).toBeUndefined();
  });

  it('wire trap 13b: query values of the wrong type are MalformedInput', async () => {
    for (const pair of ['MaxItems=abc', 'MaxItems=1.5', 'MaxItems=', 'MaxItems=0x10', 'MaxItems=NaN']) {
      await expect(iamCall(`Action=ListUsers&${pair}`)).rejects.toMatchObject({ code: 'MalformedInput', status: 400 });
    }
    await expect(iamCall('Action=CreateUser&UserName=a&Tags.member.x.Key=k')).rejects.toMatchObject({
      code: 'MalformedInput',
    });
    await expect(iamCall('Action=UpdateAccountPasswordPolicy&RequireSymbols=yes')).rejects.toMatchObject({
      code: 'MalformedInput',
    });
    await iamCall('Action=CreateUser&UserName=a&__proto__.member.1=x&constructor=y').then((input) =>
      expect(input).toEqual({ UserName: 'a' }),
    );
  });

  it('wire trap 14: empty lists, empty text and absence are three things', async () => {
    expect(await kmsCall('Encrypt', { KeyId: 'k', Plaintext: 'AA==', GrantTokens: [], EncryptionContext: {} })).toEqual(
      {
        KeyId: 'k',
        Plaintext: new Uint8Array([0]),
        GrantTokens: [],
        EncryptionContext: {},
      },
    );
    expect(await kmsCall('Encrypt', { KeyId: 'k', Plaintext: 'AA==', GrantTokens: null })).not.toHaveProperty(
      'GrantTokens',
    );
    expect(await iamCall('Action=CreateUser&UserName=a&Tags=')).toEqual({ UserName: 'a', Tags: [] });
    expect(await iamCall('Action=CreateUser&UserName=a')).toEqual({ UserName: 'a' });
    expect(
      await iamCall(
        'Action=CreateUser&UserName=a&Tags.member.2.Key=b&Tags.member.2.Value=&Tags.member.10.Key=c&Tags.member.10.Value=d',
      ),
    ).toEqual({
      UserName: 'a',
      Tags: [
        { Key: 'b', Value: '' },
        { Key: 'c', Value: 'd' },
      ],
    });
  });

  it('wire trap 15: a prefix of the host does not change the operation', async () => {
    const headers = { host: '111122223333.s3-control.localhost' };
    const made = httpRequest('POST', '/getContactInformation', { ...headers, host: 'data-account.localhost' });
    expect((await identify(made.request, sources, { signingName: 'account' })).operation.name).toBe(
      'GetContactInformation',
    );
  });

  it('wire trap 16: operations with event streams are known as such, and objects stream', async () => {
    const model = await loadService(s3);
    expect(model.operations.get('SelectObjectContent')!.eventStream).toBe(true);
    expect(model.operations.get('PutObject')).toMatchObject({
      streamingInput: true,
      streamingOutput: false,
      eventStream: false,
    });
    expect(model.operations.get('UploadPart')!.streamingInput).toBe(true);
    expect(model.operations.get('GetObject')).toMatchObject({ streamingInput: false, streamingOutput: true });
    expect(model.operations.get('PutBucketPolicy')!.streamingInput).toBe(false);
  });

  it('S3: aws-chunked is no encoding of the object', async () => {
    const encoding = async (value: string) => {
      const input = await call('PUT', '/b/k', { 'content-encoding': value }, 'x', 's3');
      return (input as { ContentEncoding?: string }).ContentEncoding;
    };
    expect(await encoding('aws-chunked')).toBeUndefined();
    expect(await encoding('gzip,aws-chunked')).toBe('gzip');
    expect(await encoding('gzip')).toBe('gzip');
  });

  it('S3: crooked headers and parameters are InvalidArgument, crooked conditions are none', async () => {
    for (const target of [
      '/b?max-keys=abc',
      '/b?list-type=2&max-keys=1.5',
      '/b?list-type=2&fetch-owner=maybe',
      '/b?max-keys=1&max-keys=2',
    ]) {
      await expect(call('GET', target, {}, '', 's3')).rejects.toMatchObject({ code: 'InvalidArgument', status: 400 });
    }
    await expect(call('PUT', '/b/k', { 'content-length': 'x' }, '', 's3')).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    expect(await call('GET', '/b/k', { 'if-modified-since': 'yesterday' }, '', 's3')).toEqual({
      Bucket: 'b',
      Key: 'k',
    });
    const since = await call('GET', '/b/k', { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, '', 's3');
    expect(since).toMatchObject({ IfModifiedSince: new Date('2026-01-01') });
  });

  it('S3: malformed XML, wrong roots and missing parts are MalformedXML', async () => {
    const put = (body: string) => call('PUT', '/b?versioning', {}, body, 's3');
    const good =
      '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';
    expect(await put(good)).toEqual({ Bucket: 'b', VersioningConfiguration: { Status: 'Enabled' } });
    for (const body of [
      '<VersioningConfiguration><Status>Enabled</VersioningConfiguration>',
      '<VersioningConfiguration><Status>Perhaps</Status></VersioningConfiguration>',
      '<Tagging/>',
      'Enabled',
      '<!DOCTYPE x [<!ENTITY a "b">]><VersioningConfiguration/>',
      '<VersioningConfiguration><Status>&a;</Status></VersioningConfiguration>',
      '<VersioningConfiguration><Status>Enabled</Status><Status>Suspended</Status></VersioningConfiguration>',
      '<VersioningConfiguration/><VersioningConfiguration/>',
    ]) {
      await expect(put(body)).rejects.toMatchObject({ code: 'MalformedXML', status: 400 });
    }
    await expect(call('GET', '/b/k?attributes', {}, '', 's3')).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(put('')).rejects.toMatchObject({ code: 'MissingRequestBodyError' });
    await expect(call('POST', '/b?delete', {}, '<Delete><Object></Object></Delete>', 's3')).rejects.toMatchObject({
      code: 'MalformedXML',
    });
  });
});

describe('constraints', () => {
  it('prints what AWS prints', async () => {
    const fails = async (promise: Promise<object>) =>
      ((await promise.catch((error: unknown) => error)) as WireFault).message;
    // The texts of KMS's own recorded answers.
    expect(await fails(kmsCall('GenerateRandom', { NumberOfBytes: 0 }))).toBe(
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
    expect(await fails(kmsCall('Encrypt', { KeyId: 'k', Plaintext: Buffer.alloc(4097).toString('base64') }))).toBe(
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
    const TagKey = 'a'.repeat(129);
    expect(await fails(kmsCall('TagResource', { KeyId: 'k', Tags: [{ TagKey, TagValue: 'x' }] }))).toBe(
      `1 validation error detected: Value '${TagKey}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
    );
    expect(await fails(kmsCall('CreateKey', { KeyUsage: 'RANDOM' }))).toMatch(
      /^1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: \[/,
    );
    expect(
      await fails(
        iamCall('Action=DeleteServiceSpecificCredential&ServiceSpecificCredentialId=aaaaaaaaaaaaaaaaaaaaaaaa-'),
      ),
    ).toBe(
      "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
    );
    expect(await fails(iamCall('Action=CreateUser'))).toBe(
      "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
    );
    expect(await fails(iamCall('Action=CreateUser&UserName=&Path=x'))).toMatch(
      /^3 validation errors detected: Value '' at 'userName' .* pattern: [^;]*; Value '' at 'userName' .* equal to 1; Value 'x' at 'path' /,
    );
    expect(await fails(iamCall('Action=UntagUser&UserName=u&TagKeys.member.1='))).toBe(
      "1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+]",
    );
  });

  it('does not print secrets', async () => {
    const error = (await iamCall('Action=CreateLoginProfile&UserName=u&Password=%01hunter2').catch(
      (thrown: unknown) => thrown,
    )) as WireFault;
    expect(error.message).toContain("Value at 'password'");
    expect(error.message).not.toContain('hunter2');
  });

  it('names the code of the protocol', async () => {
    await expect(iamCall('Action=CreateUser')).rejects.toMatchObject({ code: 'ValidationError', status: 400 });
    await expect(kmsCall('Encrypt', {})).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
  });

  it('counts characters, not code units', async () => {
    const TagValue = '😀'.repeat(256);
    await expect(kmsCall('TagResource', { KeyId: 'k', Tags: [{ TagKey: 'k', TagValue }] })).resolves.toBeDefined();
  });
});

it('masks secrets for the record, and leaves blobs and streams out', async () => {
  const login = await at(iam, 'CreateLoginProfile');
  expect(mask(login.operation, 'input', { UserName: 'u', Password: 'hunter2' })).toEqual({
    UserName: 'u',
    Password: 'HIDDEN_DUE_TO_SECURITY_REASONS',
  });
  const role = await at(sts, 'AssumeRole');
  const Credentials = {
    AccessKeyId: 'ASIA',
    SecretAccessKey: 'secret',
    SessionToken: 'token',
    Expiration: new Date(0),
  };
  const masked = mask(role.operation, 'output', { Credentials });
  expect(JSON.stringify(masked)).not.toContain('"secret"');
  const encrypt = await at(kms, 'Encrypt');
  expect(mask(encrypt.operation, 'input', { KeyId: 'k', Plaintext: new Uint8Array([1]) })).toEqual({ KeyId: 'k' });
  const put = await at(s3, 'PutObject');
  const Body = (async function* () {})();
  expect(mask(put.operation, 'input', { Bucket: 'b', Key: 'k', Body })).toEqual({ Bucket: 'b', Key: 'k' });
});

it('keeps the request that it was given', async () => {
  const made = httpRequest('PUT', '/b/k', { 'content-type': 'text/plain', 'x-amz-meta-a': 'b' }, 'hello');
  const before = structuredClone({ ...made.request, headers: { ...made.request.headers } }) as HttpRequest;
  const identified = await identify(made.request, sources, { signingName: 's3' });
  const input = decode(identified, made.request, made.body) as { Body: AsyncIterable<Uint8Array>; Metadata: object };
  let body = '';
  for await (const chunk of input.Body) body += Buffer.from(chunk).toString();
  expect([body, input.Metadata]).toEqual(['hello', { a: 'b' }]);
  expect({ ...made.request, headers: { ...made.request.headers } }).toEqual(before);
});
