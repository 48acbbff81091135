/** Callers of every kind on a running instance, made by its administrator with the real SDK. */
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  type Tag,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type Credentials,
  GetFederationTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { accountId, adminKeys, type Keys, type TestInstance } from './instance.ts';

export interface Wishes {
  /** Statements of its own policy. */
  readonly may?: readonly object[];
  /** Statements of its permissions boundary. */
  readonly within?: readonly object[];
  readonly tags?: readonly Tag[];
}

export type Person = Keys & { readonly arn: string };

/** A policy document of these statements. */
export function policy(...Statement: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

export function allow(Action: string | readonly string[], more: object = {}): object {
  return { Effect: 'Allow', Action, Resource: '*', ...more };
}

export function keysOf(issued: { readonly Credentials?: Credentials | undefined }): Keys {
  return {
    accessKeyId: issued.Credentials?.AccessKeyId ?? '',
    secretAccessKey: issued.Credentials?.SecretAccessKey ?? '',
    sessionToken: issued.Credentials?.SessionToken ?? '',
  };
}

/** The code of the error that a call ends with, or `allowed`. */
export function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'allowed',
    (error: Error) => error.name,
  );
}

export class Principals {
  readonly iam: IAMClient;
  readonly #instance: TestInstance;

  constructor(instance: TestInstance) {
    this.#instance = instance;
    this.iam = new IAMClient(instance.clientOptions());
  }

  sts(keys: Keys = adminKeys): STSClient {
    return new STSClient(this.#instance.clientOptions(keys));
  }

  /** A user with an access key. */
  async user(UserName: string, { may, within, tags }: Wishes = {}): Promise<Person> {
    const { User } = await this.iam.send(new CreateUserCommand({ UserName, Tags: [...(tags ?? [])] }));
    if (may) await this.userMay(UserName, ...may);
    if (within) {
      const PermissionsBoundary = await this.managed(`${UserName}-boundary`, ...within);
      await this.iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
    }
    const { AccessKey } = await this.iam.send(new CreateAccessKeyCommand({ UserName }));
    return {
      arn: User?.Arn ?? '',
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    };
  }

  async userMay(UserName: string, ...statements: readonly object[]): Promise<void> {
    const PolicyDocument = policy(...statements);
    await this.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  }

  async roleMay(RoleName: string, ...statements: readonly object[]): Promise<void> {
    const PolicyDocument = policy(...statements);
    await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
  }

  /** A managed policy; returns its ARN. */
  async managed(PolicyName: string, ...statements: readonly object[]): Promise<string> {
    const PolicyDocument = policy(...statements);
    const { Policy } = await this.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
    return Policy?.Arn ?? '';
  }

  /** A role that its account trusts, or whom `trust` names; returns its ARN. */
  async role(
    RoleName: string,
    { may, within, tags, trust, hours = 1 }: Wishes & { trust?: object; hours?: number } = {},
  ): Promise<string> {
    const AssumeRolePolicyDocument = policy({
      Effect: 'Allow',
      Principal: { AWS: accountId },
      Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      ...trust,
    });
    const { Role } = await this.iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument,
        Tags: [...(tags ?? [])],
        MaxSessionDuration: hours * 3600,
      }),
    );
    if (may) await this.roleMay(RoleName, ...may);
    if (within) {
      const PermissionsBoundary = await this.managed(`${RoleName}-boundary`, ...within);
      await this.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    }
    return Role?.Arn ?? '';
  }

  async session(RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}, by: Keys = adminKeys): Promise<Keys> {
    return keysOf(await this.sts(by).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shift', ...more })));
  }

  async federated(Name: string, Policy: string | undefined, by: Keys): Promise<Keys> {
    return keysOf(await this.sts(by).send(new GetFederationTokenCommand({ Name, Policy })));
  }
}
