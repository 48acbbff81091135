/** Roles over HTTP with the real SDK, and recorded answers of AWS replayed. */
import { existsSync, readFileSync } from 'node:fs';
import {
  AddRoleToInstanceProfileCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
});
afterAll(() => instance.stop());

const trusting = (principal: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });
const ec2 = trusting({ Service: 'ec2.amazonaws.com' });

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata?: { httpStatusCode?: number };
    };
    return `${name} ${$metadata?.httpStatusCode}: ${message}`;
  }
  throw new Error('expected a refusal');
}

test('the life of a role', async () => {
  const RoleName = 'Life';
  const create = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: ec2, MaxSessionDuration: 7200 });
  const { Role } = await iam.send(create);
  expect(Role).toMatchObject({ Arn: `arn:aws:iam::${accountId}:role/Life`, MaxSessionDuration: 7200 });
  expect(await refusal(iam.send(create))).toBe('EntityAlreadyExistsException 409: Role with name Life already exists.');
  await iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 3600, Description: 'one' }));
  const described = await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: 'two' }));
  expect(described.Role?.Description).toBe('two');
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trusting({ AWS: accountId }) }));
  await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }));
  expect((await iam.send(new ListRoleTagsCommand({ RoleName }))).Tags).toEqual([{ Key: 'a', Value: 'b' }]);
  await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['a'] }));
  const found = await iam.send(new GetRoleCommand({ RoleName }));
  expect(decodeURIComponent(found.Role?.AssumeRolePolicyDocument ?? '')).toBe(trusting({ AWS: accountId }));
  expect((await iam.send(new ListRolesCommand({}))).Roles?.map((one) => one.RoleName)).toContain(RoleName);
  await iam.send(new DeleteRoleCommand({ RoleName }));
  const gone = 'NoSuchEntityException 404: The role with name Life cannot be found.';
  for (const command of [
    new GetRoleCommand({ RoleName }),
    new DeleteRoleCommand({ RoleName }),
    new UpdateRoleCommand({ RoleName }),
    new UpdateRoleDescriptionCommand({ RoleName, Description: 'x' }),
    new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: ec2 }),
    new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }),
    new UntagRoleCommand({ RoleName, TagKeys: ['a'] }),
    new ListRoleTagsCommand({ RoleName }),
    new DeleteServiceLinkedRoleCommand({ RoleName }),
  ]) {
    expect(await refusal(iam.send(command as GetRoleCommand))).toBe(gone);
  }
  expect(await refusal(iam.send(new ListRolesCommand({ Marker: 'made-up' })))).toMatch(/ 400: /);
});

test('M-079: a role has no password', async () => {
  await iam.send(new CreateRoleCommand({ RoleName: 'NoPassword', AssumeRolePolicyDocument: ec2 }));
  const login = new CreateLoginProfileCommand({ UserName: 'NoPassword', Password: 'correct horse 1 Battery!' });
  expect(await refusal(iam.send(login))).toMatch(/^NoSuchEntityException 404/);
});

test('trust policies are held against the grammar and against who exists', async () => {
  const create = (AssumeRolePolicyDocument: string) =>
    refusal(iam.send(new CreateRoleCommand({ RoleName: 'Bad', AssumeRolePolicyDocument })));
  const ghost = `arn:aws:iam::${accountId}:role/ghost`;
  expect(await create(trusting({ AWS: ghost }))).toBe(
    `MalformedPolicyDocumentException 400: Invalid principal in policy: "AWS":"${ghost}"`,
  );
  expect(await create('{"Version":"2012-10-17"}')).toMatch(/^MalformedPolicyDocumentException 400/);
  expect(await create(ec2.replace('sts:AssumeRole', 's3:GetObject'))).toMatch(/^MalformedPolicyDocumentException 400/);
});

test('M-066: a group is no principal', async () => {
  await iam.send(new CreateGroupCommand({ GroupName: 'Cashiers' }));
  const group = `arn:aws:iam::${accountId}:group/Cashiers`;
  const create = new CreateRoleCommand({ RoleName: 'ForGroup', AssumeRolePolicyDocument: trusting({ AWS: group }) });
  expect(await refusal(iam.send(create))).toBe(
    `MalformedPolicyDocumentException 400: Invalid principal in policy: "AWS":"${group}"`,
  );
});

test('policy trap 15: putting a role into an instance profile needs iam:PassRole too', async () => {
  await iam.send(new CreateRoleCommand({ RoleName: 'Passed', AssumeRolePolicyDocument: ec2 }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'profile' }));
  await iam.send(new CreateUserCommand({ UserName: 'passer' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'passer' }));
  const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  const passer = new IAMClient(instance.clientOptions(keys));
  const allow = (...Action: string[]) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'passer',
        PolicyName: 'p',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
        }),
      }),
    );
  const add = () =>
    passer.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'profile', RoleName: 'Passed' }));
  await allow('iam:AddRoleToInstanceProfile');
  expect(await refusal(add())).toMatch(/^AccessDenied 403: .*iam:PassRole on resource: arn:aws:iam::\d+:role\/Passed/);
  await allow('iam:AddRoleToInstanceProfile', 'iam:PassRole');
  await add();
});

interface Recorded {
  readonly [test: string]: { readonly 'recorded-content': Record<string, Record<string, unknown>> };
}

const file = new URL('../../../shared/corpora/iam/recorded-iam.json', import.meta.url);
const recorded = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recorded) : undefined;
if (!recorded) console.warn('SKIPPED: recorded answers of IAM are not at ../shared/corpora/iam');

describe.skipIf(!recorded)('wire trap: recorded answers of AWS', () => {
  const of = (name: string) => {
    const found = recorded?.[name]?.['recorded-content'];
    if (!found) throw new Error(`no recording of ${name}`);
    return found;
  };

  /** The answer in the words of the recordings: documents decoded, names, ids and times replaced by their markers. */
  function normal(answer: object, names: Readonly<Record<string, string>> = {}): unknown {
    const { $metadata, ...body } = answer as { $metadata?: { httpStatusCode?: number } };
    const shown = (key: string, value: unknown): unknown => {
      if (value instanceof Date) return '<datetime>';
      if (Array.isArray(value)) return value.map((item) => shown('', item));
      if (typeof value === 'object' && value !== null) {
        return Object.fromEntries(
          Object.entries(value)
            .filter(([, member]) => member !== undefined)
            .map(([name, member]) => [name, shown(name, member)]),
        );
      }
      if (typeof value !== 'string') return value;
      if (key.endsWith('Document')) return marked(JSON.parse(decodeURIComponent(value)));
      return marked(value);
    };
    const marked = (value: unknown): unknown => {
      if (typeof value === 'string') {
        let text = value.replaceAll(accountId, '111111111111').replaceAll('arn:aws:', 'arn:<partition>:');
        for (const [from, to] of Object.entries(names)) text = text.replaceAll(from, to);
        return text
          .replace(/^AROA[A-Z2-7]{17}$/, '<role-id:1>')
          .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '<uuid>');
      }
      if (Array.isArray(value)) return value.map(marked);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, marked(member)]));
    };
    const plain = shown('', body) as object;
    return { ...plain, ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: $metadata?.httpStatusCode } };
  }

  test('an inline policy with percent signs comes back as it went in', async () => {
    const want = of('TestIAMPolicyEncoding::test_put_user_policy_encoding')['get-policy-response'];
    await iam.send(new CreateUserCommand({ UserName: 'encoded' }));
    const names = { 'us-east-1': '<region>', encoded: '<user-name:1>', percents: '<policy-name:1>' };
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['apigatway:PUT'],
          Resource: [
            'arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Faaeeieije',
          ],
        },
      ],
    });
    const policy = { UserName: 'encoded', PolicyName: 'percents' };
    await iam.send(new PutUserPolicyCommand({ ...policy, PolicyDocument }));
    expect(normal(await iam.send(new GetUserPolicyCommand(policy)), names)).toEqual(want);
  });

  test('deleting a policy that does not exist', async () => {
    const want = of('TestIAMIntegrations::test_delete_non_existent_policy_returns_no_such_entity');
    const PolicyArn = 'arn:aws:iam::111122223333:policy/non-existent-policy';
    const error = (await iam.send(new DeletePolicyCommand({ PolicyArn })).catch((caught: unknown) => caught)) as {
      Error?: { Code?: string; Type?: string };
      Code?: string;
      Type?: string;
      message: string;
      $metadata: { httpStatusCode?: number };
    };
    const { Error: expected, ResponseMetadata } = want['delete-non-existent-policy-exc'] as {
      Error: { Code: string; Message: string };
      ResponseMetadata: { HTTPStatusCode: number };
    };
    expect(error.Code ?? error.Error?.Code).toBe(expected.Code);
    expect(error.message.replace(accountId, '111111111111').replace('arn:aws:', 'arn:<partition>:')).toBe(
      expected.Message,
    );
    expect(error.$metadata.httpStatusCode).toBe(ResponseMetadata.HTTPStatusCode);
  });

  test.each(['autoscaling.amazonaws.com', 'connect.amazonaws.com', 'lexv2.amazonaws.com'])(
    'the service-linked role of %s with a custom suffix',
    async (AWSServiceName) => {
      const want = of(`TestIAMServiceRoles::test_service_role_lifecycle_custom_suffix[${AWSServiceName}]`);
      const made = await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName, CustomSuffix: 'zxq' }));
      const RoleName = made.Role?.RoleName ?? '';
      const names = { _zxq: '_<suffix>' };
      expect(normal(await iam.send(new GetRoleCommand({ RoleName })), names)).toEqual(want['describe-response']);
      expect(normal(await iam.send(new ListRolePoliciesCommand({ RoleName })), names)).toEqual(
        want['inline-role-policies'],
      );
      expect(normal(await iam.send(new ListAttachedRolePoliciesCommand({ RoleName })), names)).toEqual(
        want['attached-role-policies'],
      );
      expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toMatch(/^UnmodifiableEntityException 400/);
    },
  );

  test('deletion of a service-linked role', async () => {
    const want = of('TestIAMServiceRoles::test_service_role_deletion');
    await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'batch.amazonaws.com' }));
    const deletion = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName: 'AWSServiceRoleForBatch' }));
    expect(normal(deletion)).toEqual(want['service-linked-role-deletion-response']);
    const { DeletionTaskId } = deletion;
    expect(normal(await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId })))).toEqual(
      want['service-linked-role-deletion-status-response'],
    );
    const other = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId: 'task/aws-service-role/none' });
    expect(await refusal(iam.send(other))).toMatch(/^NoSuchEntityException 404/);
    const suffix = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'batch.amazonaws.com', CustomSuffix: 'x' });
    expect(await refusal(iam.send(suffix))).toBe(
      'InvalidInputException 400: Custom suffix is not allowed for batch.amazonaws.com',
    );
  });

  test('a role with tags', async () => {
    const want = of('TestRoles::test_role_with_tags');
    const names = { 'tagged-zxq': '<role-name:1>' };
    const RoleName = 'tagged-zxq';
    const made = await iam.send(
      new CreateRoleCommand({
        RoleName,
        Path: '/role-with-tags/',
        AssumeRolePolicyDocument: ec2,
        Tags: [{ Key: 'test', Value: 'value' }],
      }),
    );
    expect(normal(made, names)).toEqual(want['create-role-response']);
    expect(normal(await iam.send(new GetRoleCommand({ RoleName })), names)).toEqual(want['get-role-response']);
    const listed = await iam.send(new ListRolesCommand({ PathPrefix: '/role-with-tags/' }));
    expect(normal(listed, names)).toEqual(want['list-role-response']);
  });
});
