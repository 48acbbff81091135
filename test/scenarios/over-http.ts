/** Plays a scenario on a running instance: real users, roles, sessions and bucket policies, and one real call. */
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { DecryptCommand, EncryptCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import {
  accountId,
  adminKeys,
  type Keys,
  otherAccountId,
  otherAdminKeys,
  type TestInstance,
} from '../support/instance.ts';
import { cast } from './cast.ts';
import type { Scenario } from './scenario.ts';

type Person =
  | 'rudy'
  | 'newRudy'
  | 'blaine'
  | 'owner'
  | 'neighbourOwner'
  | 'barista'
  | 'impostor'
  | 'guest'
  | 'ownersGuest';
type Caller = { readonly as: 'passerby' } | { readonly as: Person };

/** Context that a scenario states and that a live call then really has. */
const settable = new Set([
  'aws:username',
  'aws:sourceip',
  'sts:externalid',
  'aws:principaltag/team',
  'aws:principalarn',
]);
const callable =
  /^(?:s3:(?:GetObject|PutObject|DeleteObject|DeleteBucket|ListAllMyBuckets)|iam:CreateUser|sts:AssumeRole|kms:Decrypt)$/;

/** Why a scenario cannot be played by real calls; undefined when it can. */
export function obstacle({ caller, action, resource, ...scenario }: Scenario): string | undefined {
  if (scenario.scps || scenario.rcps) return 'needs an organization, which is not built';
  if (scenario.endpoint) return 'needs a VPC endpoint, which is not built';
  if (caller === 'trail') return 'is a call of a service, which nobody can make over HTTP';
  if (caller === 'linked') return 'is a session of a service-linked role, which only its service can open';
  if (caller === 'badge') return 'needs an identity provider, which is not built';
  const bound = scenario.resourcePolicy?.principalIds;
  if (bound && Object.keys(bound).length === 0)
    return 'has a policy for somebody who is not there, which S3 refuses to store';
  if (!callable.test(action)) return `${action} is no call of any client`;
  if (action === 's3:ListAllMyBuckets') return 'asks for "*" where S3 asks for arn:aws:s3:::*';
  for (const [key, value] of Object.entries(scenario.context ?? {})) {
    if (!settable.has(key.toLowerCase())) return `states ${key}, which only a service sets`;
    if (/username/i.test(key) && value !== 'rudy') return 'has a caller whose name IAM does not allow';
    if (/sourceip/i.test(key) && !/^\d+\.\d+\.\d+\.\d+$/.test(String(value)))
      return 'comes from an address that is none';
  }
  if ((scenario.boundary?.length ?? 0) > 1 || (scenario.session?.length ?? 0) > 1)
    return 'has more than one limit of a kind';
  if (scenario.session && ['rudy', 'newRudy', 'blaine', 'owner'].includes(caller))
    return 'limits a session of a user by a policy';
  if (scenario.owner !== undefined && ![accountId, otherAccountId].includes(String(scenario.owner)))
    return 'has a resource of an account that is not there';
  return resource === '*' ? 'names no resource' : undefined;
}

/** What the call was answered: allowed, or the message of the denial. */
export type Answer = { readonly allowed: true } | { readonly allowed: false; readonly message: string };

export const neighbourRootKeys: Keys = {
  accessKeyId: 'AKIAROOTEXAMPLE00002',
  secretAccessKey: 'second/root/second/root/second/root/seco',
};
const ownerKeys: Keys = {
  accessKeyId: 'AKIAROOTEXAMPLE00001',
  secretAccessKey: 'rootsecret/rootsecret/rootsecret/rootsecr',
};
const bucket = 'shop';
const shift = 'shift';

/** One scenario on an instance that was just reset. */
export class Play {
  readonly #instance: TestInstance;
  readonly #scenario: Scenario;
  readonly #shop: IAMClient;
  readonly #neighbour: IAMClient;
  #sealed: Uint8Array | undefined;

  constructor(instance: TestInstance, scenario: Scenario) {
    this.#instance = instance;
    this.#scenario = scenario;
    this.#shop = new IAMClient(instance.clientOptions(adminKeys));
    this.#neighbour = new IAMClient(instance.clientOptions(otherAdminKeys));
  }

  async run(): Promise<Answer> {
    const { caller } = this.#scenario;
    let rudy = await this.#user(this.#shop, 'rudy');
    const blaine = await this.#user(this.#neighbour, 'blaine');
    for (const name of ['barista', 'cloudtrail.amazonaws.com']) await this.#role(name);
    await this.#resource(rudy.id);
    if (caller === 'newRudy') {
      await this.#shop.send(new DeleteAccessKeyCommand({ UserName: 'rudy', AccessKeyId: rudy.accessKeyId }));
      await this.#shop.send(new DeleteUserCommand({ UserName: 'rudy' }));
      rudy = await this.#user(this.#shop, 'rudy');
    }
    // Sessions come before permissions, which may forbid to open them; a session has what its opener has now.
    const keys = await this.#keys({ as: caller } as Caller, rudy, blaine);
    await this.#permissions();
    // The trust policy under test comes last: until then the role lets the administrator in.
    const { resourcePolicy } = this.#scenario;
    if (resourcePolicy?.kind === 'trust') {
      const PolicyDocument = JSON.stringify(resourcePolicy.document);
      await this.#shop.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'barista', PolicyDocument }));
    }
    return this.#call(keys);
  }

  async #user(iam: IAMClient, UserName: string): Promise<Keys & { readonly id: string }> {
    const team = this.#scenario.context?.['aws:PrincipalTag/team'];
    const Tags = typeof team === 'string' ? [{ Key: 'team', Value: team }] : [];
    const { User } = await iam.send(new CreateUserCommand({ UserName, Tags }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const [accessKeyId = '', secretAccessKey = ''] = [AccessKey?.AccessKeyId, AccessKey?.SecretAccessKey];
    return { accessKeyId, secretAccessKey, id: User?.UserId ?? '' };
  }

  async #role(RoleName: string): Promise<void> {
    const team = this.#scenario.context?.['aws:PrincipalTag/team'];
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:user/admin` },
        Action: 'sts:AssumeRole',
      },
    });
    const Tags = typeof team === 'string' ? [{ Key: 'team', Value: team }] : [];
    await this.#shop.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags }));
  }

  /** The bucket with everything that scenarios reach for, and its policy. */
  async #resource(idOfRudy: string): Promise<void> {
    const { action, resource, owner, resourcePolicy } = this.#scenario;
    const keys = String(owner ?? accountId) === accountId ? adminKeys : otherAdminKeys;
    const s3 = new S3Client(this.#instance.clientOptions(keys));
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    const key = keyOf(resource);
    if (key !== undefined) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'tea' }));
    if (action.startsWith('kms:')) return this.#key();
    if (!resourcePolicy || resourcePolicy.kind === 'trust') return;
    if (!action.startsWith('s3:')) throw new Error(`${action} has a resource policy that is no bucket's`);
    // A bucket's policy names its own bucket: this is what "*" means there.
    const Policy = JSON.stringify(resourcePolicy.document)
      .replaceAll('"Resource":"*"', `"Resource":["arn:aws:s3:::${bucket}","arn:aws:s3:::${bucket}/*"]`)
      .replaceAll(cast.rudy.id, idOfRudy);
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }

  /** The key that the configuration has, something that it sealed, and the policy under test. */
  async #key(): Promise<void> {
    const { resource: KeyId, resourcePolicy } = this.#scenario;
    const kms = new KMSClient(this.#instance.clientOptions(adminKeys));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('tea') }));
    this.#sealed = CiphertextBlob;
    if (resourcePolicy?.kind !== 'key') throw new Error('a key always has a policy');
    const Policy = JSON.stringify(resourcePolicy.document);
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }));
  }

  /** Identity policies and boundary, on whoever has them: a federated user's are those of the user who vouched. */
  async #permissions(): Promise<void> {
    const { caller, identity = [], boundary = [] } = this.#scenario;
    if (['owner', 'neighbourOwner', 'passerby', 'ownersGuest'].includes(caller)) return;
    const iam = caller === 'blaine' ? this.#neighbour : this.#shop;
    const account = caller === 'blaine' ? otherAccountId : accountId;
    const RoleName = caller === 'barista' ? 'barista' : caller === 'impostor' ? cast.impostor.roleName : undefined;
    const UserName = caller === 'blaine' ? 'blaine' : 'rudy';
    for (const [index, document] of identity.entries()) {
      const policy = { PolicyName: `identity-${index}`, PolicyDocument: JSON.stringify(document) };
      await (RoleName
        ? iam.send(new PutRolePolicyCommand({ ...policy, RoleName }))
        : iam.send(new PutUserPolicyCommand({ ...policy, UserName })));
    }
    const [limit] = boundary;
    if (!limit) return;
    await iam.send(new CreatePolicyCommand({ PolicyName: 'limit', PolicyDocument: JSON.stringify(limit) }));
    const PermissionsBoundary = `arn:aws:iam::${account}:policy/limit`;
    await (RoleName
      ? iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }))
      : iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary })));
  }

  async #keys({ as }: Caller, rudy: Keys, blaine: Keys): Promise<Keys | undefined> {
    const Policy = this.#scenario.session?.[0] && JSON.stringify(this.#scenario.session[0]);
    const sts = (keys: Keys) => new STSClient(this.#instance.clientOptions(keys));
    switch (as) {
      case 'passerby':
        return undefined;
      case 'owner':
        return ownerKeys;
      case 'neighbourOwner':
        return neighbourRootKeys;
      case 'blaine':
        return blaine;
      case 'rudy':
      case 'newRudy':
        return rudy;
      case 'guest':
      case 'ownersGuest': {
        const issuer = as === 'guest' ? rudy : ownerKeys;
        if (as === 'guest') await this.#letFederate();
        return keysOf(await sts(issuer).send(new GetFederationTokenCommand({ Name: cast[as].name, Policy })));
      }
      case 'barista':
      case 'impostor': {
        const { roleArn: RoleArn } = cast[as];
        return keysOf(await sts(adminKeys).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: shift, Policy })));
      }
    }
  }

  #letFederate(): Promise<unknown> {
    const Statement = { Effect: 'Allow', Action: 'sts:GetFederationToken', Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return this.#shop.send(new PutUserPolicyCommand({ UserName: 'rudy', PolicyName: 'federate', PolicyDocument }));
  }

  async #call(keys: Keys | undefined): Promise<Answer> {
    const { action, resource, context } = this.#scenario;
    const Key = keyOf(resource) ?? '';
    const options = this.#instance.clientOptions(keys);
    const from = context?.['aws:SourceIp'];
    const s3 = new S3Client(keys ? options : { ...options, signer: { sign: async (request) => request } });
    const iam = new IAMClient(options);
    const sts = new STSClient(options);
    // The instance trusts loopback as a proxy, so this really is the address that the call comes from.
    if (typeof from === 'string') {
      s3.middlewareStack.add(
        (next) => (args) => {
          Object.assign((args.request as { headers: object }).headers, { 'x-forwarded-for': from });
          return next(args);
        },
        { step: 'build' },
      );
    }
    const ExternalId = context?.['sts:ExternalId'];
    try {
      switch (action) {
        case 's3:GetObject':
          await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
          break;
        case 's3:PutObject':
          await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'more tea' }));
          break;
        case 's3:DeleteObject':
          await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
          break;
        case 's3:DeleteBucket':
          await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
          break;
        case 's3:ListAllMyBuckets':
          await s3.send(new ListBucketsCommand({}));
          break;
        case 'iam:CreateUser':
          await iam.send(new CreateUserCommand({ UserName: resource.split('/')[1] }));
          break;
        case 'sts:AssumeRole': {
          const external = typeof ExternalId === 'string' ? { ExternalId } : {};
          await sts.send(new AssumeRoleCommand({ RoleArn: resource, RoleSessionName: 'played', ...external }));
          break;
        }
        case 'kms:Decrypt': {
          const { Plaintext } = await new KMSClient(options).send(
            new DecryptCommand({ KeyId: resource, CiphertextBlob: this.#sealed }),
          );
          if (Buffer.from(Plaintext ?? []).toString() !== 'tea') throw new Error('the key opened something else');
          break;
        }
        default:
          throw new Error(`${action} cannot be played`);
      }
      return { allowed: true };
    } catch (error) {
      if (error instanceof Error && /^AccessDenied(?:Exception)?$/.test(error.name))
        return { allowed: false, message: error.message };
      throw error;
    }
  }
}

function keyOf(resource: string): string | undefined {
  const prefix = `arn:aws:s3:::${bucket}/`;
  return resource.startsWith(prefix) ? resource.slice(prefix.length) : undefined;
}

function keysOf({
  Credentials: c,
}: {
  Credentials?:
    | { AccessKeyId?: string | undefined; SecretAccessKey?: string | undefined; SessionToken?: string | undefined }
    | undefined;
}): Keys {
  return {
    accessKeyId: c?.AccessKeyId ?? '',
    secretAccessKey: c?.SecretAccessKey ?? '',
    sessionToken: c?.SessionToken ?? '',
  };
}
