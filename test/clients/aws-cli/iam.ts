/** Users, groups, policies and keys with the aws CLI, and the permissions that follow from them. */
import assert from 'node:assert/strict';
import { accountId, type Keys, nobodyKeys } from '../../support/instance.ts';
import { allow, type Cli, policy } from './cli.ts';

const arn = (rest: string) => `arn:aws:iam::${accountId}:${rest}`;

export async function iamChecks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  const nobody = { as: nobodyKeys };

  await check('sts get-caller-identity', async () => {
    await aws.prints('sts get-caller-identity --query [Account,Arn]', [accountId, arn('user/admin')]);
  });

  await check('wrong keys are refused by name', async () => {
    const wrong = { ...nobodyKeys, secretAccessKey: 'x'.repeat(40) };
    await aws.refused('sts get-caller-identity', /\(SignatureDoesNotMatch\)/, { as: wrong });
    const unknown = { ...nobodyKeys, accessKeyId: 'AKIAUNKNOWNEXAMPLE01' };
    await aws.refused('sts get-caller-identity', /\(InvalidClientTokenId\).*security token/, { as: unknown });
  });

  if (aws.readsEndpoint) {
    await check('the profile that the instance wrote is enough', async () => {
      const { credentialsFile } = aws.bench.instance;
      const env = {
        AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
        AWS_CONFIG_FILE: credentialsFile.replace(/credentials$/, 'config'),
      };
      // Keys of the environment come before those of a profile, so that they must not be there.
      const bare = { ...env, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
      const said = await aws.json('sts get-caller-identity --query Account', { env: bare, endpointOption: false });
      assert.equal(said, accountId);
    });
  } else {
    aws.bench.skip('the profile that the instance wrote', 'needs an aws CLI of 1.29 or 2.13, which reads endpoint_url');
  }

  await check('iam create-user with path and tags, wait user-exists, get-user', async () => {
    await aws.text('iam create-user --user-name rudy --path /staff/ --tags Key=team,Value=till');
    await aws.text('iam wait user-exists --user-name rudy');
    const query = 'iam get-user --user-name rudy --query User.[Arn,Path,Tags]';
    await aws.prints(query, [arn('user/staff/rudy'), '/staff/', [{ Key: 'team', Value: 'till' }]]);
  });

  await check('an error names its code and the operation, and ends with 254', async () => {
    await aws.refused(
      'iam create-user --user-name rudy',
      'An error occurred (EntityAlreadyExists) when calling the CreateUser operation: User with name rudy already exists.',
    );
    await aws.refused(
      'iam get-user --user-name ghost',
      'An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name ghost cannot be found.',
    );
  });

  await check('a denied call names who, what and why, and ends with 254', async () => {
    await aws.refused(
      'iam list-users',
      `An error occurred (AccessDenied) when calling the ListUsers operation: User: ${arn('user/nobody')} is not authorized to perform: iam:ListUsers on resource: * because no identity-based policy allows the iam:ListUsers action`,
      nobody,
    );
  });

  let rudy: Keys | undefined;
  await check('iam groups, group policies and access keys: the key may what its group may', async () => {
    await aws.text('iam create-group --group-name Cashiers');
    await aws.text('iam add-user-to-group --group-name Cashiers --user-name rudy');
    await aws.text([
      'iam put-group-policy --group-name Cashiers --policy-name Look --policy-document',
      policy(allow('iam:GetUser', arn('user/staff/*'))),
    ]);
    await aws.prints('iam list-groups-for-user --user-name rudy --query Groups[].GroupName', ['Cashiers']);
    const query = 'iam create-access-key --user-name rudy --query AccessKey.[AccessKeyId,SecretAccessKey]';
    const [accessKeyId = '', secretAccessKey = ''] = (await aws.json(query)) as string[];
    rudy = { accessKeyId, secretAccessKey };
    await aws.prints('iam get-user --query User.UserName', 'rudy', { as: rudy });
    await aws.refused('iam get-user --user-name admin', /\(AccessDenied\).*user\/admin/, { as: rudy });
  });

  await check('iam managed policies and their versions', async () => {
    const document = policy(allow('s3:ListAllMyBuckets'));
    await aws.text(['iam create-policy --policy-name Read --policy-document', document]);
    const read = arn('policy/Read');
    const next = await aws.file('next.json', policy(allow(['s3:ListAllMyBuckets', 'ec2:DescribeInstances'])));
    await aws.text(`iam create-policy-version --policy-arn ${read} --set-as-default --policy-document file://${next}`);
    const query = `iam get-policy-version --policy-arn ${read} --version-id v1 --query PolicyVersion.[Document,IsDefaultVersion]`;
    await aws.prints(query, [JSON.parse(document), false]);
    await aws.text(`iam attach-user-policy --user-name rudy --policy-arn ${read}`);
    await aws.prints(`iam list-entities-for-policy --policy-arn ${read} --query PolicyUsers[].UserName`, ['rudy']);
    await aws.refused(`iam delete-policy --policy-arn ${read}`, '(DeleteConflict)');
    await aws.text('s3api list-buckets', { as: rudy! });
  });

  await check('iam simulate-principal-policy', async () => {
    await aws.prints(
      `iam simulate-principal-policy --policy-source-arn ${arn('user/staff/rudy')} --action-names s3:ListAllMyBuckets s3:CreateBucket --query EvaluationResults[].[EvalActionName,EvalDecision]`,
      [
        ['s3:ListAllMyBuckets', 'allowed'],
        ['s3:CreateBucket', 'implicitDeny'],
      ],
    );
  });

  await check('pages: --page-size, --max-items and --starting-token', async () => {
    const some = 'iam list-policies --scope AWS --page-size 400 --query length(Policies)';
    assert.ok(((await aws.json(some)) as number) > 1000);
    const first = (await aws.json('iam list-users --max-items 2')) as { Users: object[]; NextToken: string };
    assert.equal(first.Users.length, 2);
    const rest = await aws.json(['iam list-users --query Users[].UserName --starting-token', first.NextToken]);
    assert.deepEqual(rest, ['rudy']);
  });

  await check('iam get-account-authorization-details in pages', async () => {
    await aws.prints(
      'iam get-account-authorization-details --filter User Group LocalManagedPolicy --page-size 1 --query [UserDetailList[].UserName,GroupDetailList[].GroupName,Policies[].PolicyName]',
      [['admin', 'nobody', 'rudy'], ['Cashiers'], ['Read']],
    );
  });

  await check('iam generate-credential-report, get-credential-report', async () => {
    await aws.text('iam generate-credential-report');
    const content = (await aws.json('iam get-credential-report --query Content')) as string;
    const lines = Buffer.from(content, 'base64').toString().split('\n');
    assert.ok(lines.some((line) => line.startsWith('rudy,')));
  });

  await check('an inactive key is no key', async () => {
    await aws.text(`iam update-access-key --user-name rudy --status Inactive --access-key-id ${rudy!.accessKeyId}`);
    await aws.refused('iam get-user', '(InvalidClientTokenId)', { as: rudy! });
  });
}
