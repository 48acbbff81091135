/** Roles, sessions and dry runs with the aws CLI. */
import assert from 'node:assert/strict';
import { accountId, type Keys, nobodyKeys } from '../../support/instance.ts';
import { allow, type Cli, policy } from './cli.ts';

const trust = {
  Effect: 'Allow',
  Action: ['sts:AssumeRole', 'sts:TagSession'],
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
};

export async function roleChecks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  const role = `arn:aws:iam::${accountId}:role/auditor`;

  await check('iam create-role, wait role-exists, sts assume-role, a call with the session', async () => {
    await aws.text(['iam create-role --role-name auditor --assume-role-policy-document', policy(trust)]);
    await aws.text('iam wait role-exists --role-name auditor');
    await aws.text([
      'iam put-role-policy --role-name auditor --policy-name Look --policy-document',
      policy(allow('iam:ListRoles')),
    ]);
    const query =
      'sts assume-role --role-session-name morning --duration-seconds 900 --query Credentials.[AccessKeyId,SecretAccessKey,SessionToken]';
    const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = (await aws.json(
      `${query} --role-arn ${role}`,
    )) as string[];
    const session: Keys = { accessKeyId, secretAccessKey, sessionToken };
    const self = `arn:aws:sts::${accountId}:assumed-role/auditor/morning`;
    await aws.prints('sts get-caller-identity --query Arn', self, { as: session });
    await aws.text('iam list-roles', { as: session });
    await aws.refused('iam list-users', `User: ${self} is not authorized to perform: iam:ListUsers`, { as: session });
    await aws.bench.advance(901);
    await aws.refused('iam list-roles', /\(ExpiredToken\).*expired/, { as: session });
  });

  if (aws.readsEndpoint) {
    await check('a profile with role_arn assumes the role by itself', async () => {
      const config = await aws.file(
        'role-config',
        `[profile auditor]\nrole_arn = ${role}\ncredential_source = Environment\n`,
      );
      const env = { AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL: aws.bench.instance.endpoint };
      const who = await aws.json('sts get-caller-identity --query Arn --profile auditor', {
        env,
        endpointOption: false,
      });
      assert.match(String(who), /assumed-role\/auditor\//);
    });
  } else {
    aws.bench.skip('a profile with role_arn', 'needs an aws CLI of 1.29 or 2.13, which takes AWS_ENDPOINT_URL for STS');
  }

  const launch = 'ec2 run-instances --dry-run --image-id ami-0123456789abcdef0 --instance-type t3.micro';
  await check('ec2 run-instances --dry-run, allowed', async () => {
    await aws.refused(
      launch,
      'An error occurred (DryRunOperation) when calling the RunInstances operation: Request would have succeeded, but DryRun flag is set.',
    );
  });

  await check('ec2 run-instances --dry-run, denied: sts decode-authorization-message tells why', async () => {
    const said = await aws.refused(launch, '(UnauthorizedOperation)', { as: nobodyKeys });
    const message = /Encoded authorization failure message: (\S+)/.exec(said)?.[1] ?? '';
    const query = 'sts decode-authorization-message --query DecodedMessage --encoded-message';
    const decoded = JSON.parse(String(await aws.json([query, message]))) as {
      allowed: boolean;
      context: { principal: { arn: string }; action: string };
    };
    assert.equal(decoded.allowed, false);
    assert.equal(decoded.context.action, 'ec2:RunInstances');
    assert.equal(decoded.context.principal.arn, `arn:aws:iam::${accountId}:user/nobody`);
  });
}
