/** The README's example is what really happens: the same words, from a running instance and the `bailey` command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startInstance } from '../support/instance.ts';
import { bailey } from '../support/process.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const example = readme.match(/```console\n([\s\S]*?)```/)?.[1] ?? '';
/** Lines are broken where they would be too wide to read. */
const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

test('the README shows a denied call and its explanation as they are', async () => {
  const [, denial = '', command = '', explanation = ''] =
    example.match(/^\$ aws s3api [^\n]*\n([\s\S]*?)\n\$ npm run -s bailey -- explain '([^']+)'\n([\s\S]*)$/) ?? [];
  const instance = await startInstance();
  try {
    const iam = new IAMClient(instance.clientOptions());
    const Bucket = 'coffee-shop-register';
    await new S3Client(instance.clientOptions()).send(new CreateBucketCommand({ Bucket }));
    await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
    const Statement = { Effect: 'Allow', Action: 's3:ListObject', Resource: `arn:aws:s3:::${Bucket}` };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'cashier', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
    const rudy = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };

    const refused = await new S3Client(instance.clientOptions(rudy))
      .send(new ListObjectsV2Command({ Bucket }))
      .catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'AccessDenied' });
    const { message } = refused as Error;
    expect(flat(denial)).toBe(`An error occurred (AccessDenied) when calling the ListObjectsV2 operation: ${message}`);
    expect(message.startsWith(command)).toBe(true);

    const { code, output, errors } = await bailey(['explain', command], {
      AWS_SHARED_CREDENTIALS_FILE: instance.credentialsFile,
      AWS_CONFIG_FILE: join(instance.dataDir, 'aws', 'config'),
    });
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(explanation.trim()).not.toBe('');
    expect(flat(output)).toContain(flat(explanation));
  } finally {
    await instance.stop();
  }
});
