/** `aws s3api`: the operations by themselves. */
import assert from 'node:assert/strict';
import { accountId, nobodyKeys } from '../../support/instance.ts';
import { allow, type Cli, policy } from './cli.ts';

const on = '--bucket beans-archive';

export async function s3apiChecks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  const nobody = { as: nobodyKeys };

  await check('s3api create-bucket in another region, get-bucket-location', async () => {
    await aws.text(
      's3api create-bucket --bucket beans-west --region eu-west-1 --create-bucket-configuration LocationConstraint=eu-west-1',
    );
    await aws.prints('s3api get-bucket-location --bucket beans-west --query LocationConstraint', 'eu-west-1');
    await aws.text('s3api delete-bucket --bucket beans-west --region eu-west-1');
  });

  await check('s3api put-bucket-policy lets somebody in, and delete-bucket-policy out', async () => {
    await aws.text(`s3api create-bucket ${on}`);
    const document = policy(
      allow('s3:GetObject', 'arn:aws:s3:::beans-archive/*', {
        Principal: { AWS: `arn:aws:iam::${accountId}:user/nobody` },
      }),
    );
    await aws.text([`s3api put-bucket-policy ${on} --policy`, document]);
    const kept = await aws.json(`s3api get-bucket-policy ${on} --query Policy`);
    assert.deepEqual(JSON.parse(String(kept)), JSON.parse(document));
    const body = await aws.file('body', 'arabica');
    await aws.text(`s3api put-object ${on} --key first --body ${body}`);
    await aws.text(`s3api get-object ${on} --key first out`, nobody);
    assert.equal((await aws.read('out')).toString(), 'arabica');
    await aws.text(`s3api delete-bucket-policy ${on}`);
    await aws.refused(`s3api get-object ${on} --key first out`, '(AccessDenied)', nobody);
    await aws.refused(`s3api get-bucket-policy ${on}`, '(NoSuchBucketPolicy)');
  });

  await check('s3api put-public-access-block refuses a public policy', async () => {
    await aws.text(
      `s3api put-public-access-block ${on} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
    );
    const open = policy(allow('s3:GetObject', 'arn:aws:s3:::beans-archive/*', { Principal: '*' }));
    await aws.refused([`s3api put-bucket-policy ${on} --policy`, open], '(AccessDenied)');
  });

  await check('s3api put-object-tagging, put-bucket-tagging', async () => {
    await aws.text(`s3api put-object-tagging ${on} --key first --tagging TagSet=[{Key=kind,Value=arabica}]`);
    const kind = [{ Key: 'kind', Value: 'arabica' }];
    await aws.prints(`s3api get-object-tagging ${on} --key first --query TagSet`, kind);
    await aws.text(`s3api put-bucket-tagging ${on} --tagging TagSet=[{Key=shop,Value=one}]`);
    await aws.prints(`s3api get-bucket-tagging ${on} --query TagSet[0].Value`, 'one');
  });

  await check('s3api keys that paths would spoil', async () => {
    const keys = ['a//b', 'up/../down', './dot', '%2F%25', 'sp ace+plus', '☕/ü'];
    for (const key of keys) await aws.text([`s3api put-object ${on} --body body --key`, `odd/${key}`]);
    const query = `s3api list-objects-v2 ${on} --prefix odd/ --query Contents[].Key`;
    await aws.prints(
      query,
      keys.map((key) => `odd/${key}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    for (const key of ['up/../down', 'a//b']) await aws.text([`s3api get-object ${on} out --key`, `odd/${key}`]);
  });

  await check('s3api versions: list, read the old one, marker, delete by version', async () => {
    await aws.text(`s3api put-bucket-versioning ${on} --versioning-configuration Status=Enabled`);
    const put = async (text: string): Promise<string> => {
      await aws.file('body', text);
      return String(await aws.json(`s3api put-object ${on} --key versioned --body body --query VersionId`));
    };
    const one = await put('one');
    const two = await put('two');
    const marker = String(await aws.json(`s3api delete-object ${on} --key versioned --query VersionId`));
    const query = `s3api list-object-versions ${on} --prefix versioned --page-size 1 --query`;
    await aws.prints(
      [query, '[Versions[].[VersionId,IsLatest],DeleteMarkers[].VersionId]'],
      [
        [
          [two, false],
          [one, false],
        ],
        [marker],
      ],
    );
    await aws.text(`s3api get-object ${on} --key versioned --version-id ${one} out`);
    assert.equal((await aws.read('out')).toString(), 'one');
    await aws.refused(`s3api get-object ${on} --key versioned out`, '(NoSuchKey)');
    await aws.text(`s3api delete-object ${on} --key versioned --version-id ${marker}`);
    await aws.prints(`s3api head-object ${on} --key versioned --query VersionId`, two);
  });

  await check('s3api copy-object and delete-objects', async () => {
    await aws.text(`s3api copy-object ${on} --key copies/first --copy-source beans-archive/first`);
    await aws.prints(`s3api get-object-tagging ${on} --key copies/first --query TagSet[].Value`, ['arabica']);
    const gone = (await aws.json([
      `s3api delete-objects ${on} --query Deleted[].Key --delete`,
      JSON.stringify({ Objects: [{ Key: 'copies/first' }, { Key: 'never-was' }] }),
    ])) as string[];
    assert.deepEqual(gone.sort(), ['copies/first', 'never-was']);
  });
}
