/**
 * Whom a bucket policy names decides what else limits the caller: the table of "Policy evaluation for requests within a
 * single account" (IAM User Guide, "Evaluating identity-based policies with resource-based policies"), on the engine
 * and over HTTP.
 */
import {
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/policy/index.ts';
import type { RequestPrincipal } from '../../src/engines/policy/types.ts';
import { cast } from '../scenarios/cast.ts';
import { accountId, type Keys, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allow, outcome, Principals, policy } from '../support/principals.ts';

/** What a limit says about the action: nothing is there to limit, nothing is said (an implicit deny), yes, or no. */
type Says = 'absent' | 'silent' | 'allows' | 'denies';
type Kind = 'role session' | 'user' | 'federated user' | 'root user' | 'service';

interface Row {
  readonly caller: Kind;
  readonly granted: string;
  readonly grant: { readonly AWS: string } | { readonly Service: string };
  /** Whether an implicit deny of a boundary or session policy stops what the bucket policy grants. */
  readonly limited: boolean;
}

const iam = `arn:aws:iam::${accountId}`;
const sts = `arn:aws:sts::${accountId}`;
const rows: readonly Row[] = [
  { caller: 'role session', granted: 'the role’s ARN', grant: { AWS: `${iam}:role/barista` }, limited: true },
  {
    caller: 'role session',
    granted: 'the session’s ARN',
    grant: { AWS: `${sts}:assumed-role/barista/shift` },
    limited: false,
  },
  { caller: 'user', granted: 'the user’s ARN', grant: { AWS: `${iam}:user/rudy` }, limited: false },
  {
    caller: 'federated user',
    granted: 'the ARN of the user who federated',
    grant: { AWS: `${iam}:user/rudy` },
    limited: true,
  },
  {
    caller: 'federated user',
    granted: 'the federated user’s ARN',
    grant: { AWS: `${sts}:federated-user/guest` },
    limited: false,
  },
  { caller: 'root user', granted: 'the root user’s ARN', grant: { AWS: `${iam}:root` }, limited: false },
  { caller: 'service', granted: 'the service', grant: { Service: 'cloudtrail.amazonaws.com' }, limited: false },
];

const action = 's3:GetObject';
/** Everyone may do something else: an identity policy that is silent about reading. */
const silent = allow('s3:ListAllMyBuckets');
const statements: Readonly<Record<Exclude<Says, 'absent'>, readonly object[]>> = {
  silent: [silent],
  allows: [allow('s3:*')],
  denies: [allow('s3:*'), { ...allow('s3:*'), Effect: 'Deny' }],
};

/** The limits that a kind of caller can have: a federated user always needs a session policy to be anybody at all. */
const limits: Readonly<Record<Kind, readonly (readonly [boundary: Says, session: Says])[]>> = {
  'role session': pairs(['absent', 'silent', 'allows', 'denies'], ['absent', 'silent', 'allows', 'denies']),
  user: pairs(['absent', 'silent', 'allows', 'denies'], ['absent']),
  'federated user': pairs(['absent', 'silent', 'allows', 'denies'], ['silent', 'allows', 'denies']),
  'root user': [['absent', 'absent']],
  service: [['absent', 'absent']],
};

function pairs(boundaries: readonly Says[], sessions: readonly Says[]): [Says, Says][] {
  return boundaries.flatMap((boundary) => sessions.map((session): [Says, Says] => [boundary, session]));
}

function isAllowed({ limited }: Row, ...said: readonly Says[]): boolean {
  return !said.includes('denies') && !(limited && said.includes('silent'));
}

const cases = rows.flatMap((row) =>
  limits[row.caller].map(([boundary, session]) => ({
    ...row,
    boundary,
    session,
    wanted: isAllowed(row, boundary, session),
  })),
);
const title = '$caller, granted to $granted, boundary $boundary, session policy $session: $wanted';
const bucketPolicy = (Principal: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal, Action: action, Resource: 'arn:aws:s3:::matrix/*' },
});

describe('policy trap 11: the seven rows, on the engine', () => {
  const callers: Readonly<Record<Kind, RequestPrincipal>> = {
    'role session': cast.barista,
    user: cast.rudy,
    'federated user': cast.guest,
    'root user': cast.owner,
    service: cast.trail,
  };
  const documents = (said: Says) =>
    said === 'absent' ? undefined : [{ Version: '2012-10-17', Statement: statements[said] }];

  it('has seven rows, of which two are limited', () => {
    expect(rows.map(({ limited }) => limited)).toEqual([true, false, false, true, false, false, false]);
  });

  it.each(cases)(title, ({ caller, grant, boundary, session, wanted }) => {
    const { allowed } = evaluate({
      principal: callers[caller],
      action,
      resource: { arn: 'arn:aws:s3:::matrix/menu', account: accountId },
      identity: caller === 'service' ? [] : [{ Version: '2012-10-17', Statement: silent }],
      boundary: documents(boundary),
      session: documents(session),
      resourcePolicy: { document: bucketPolicy(grant) },
    });
    expect(allowed).toBe(wanted);
  });
});

describe('policy trap 11: the rows that callers can play, over HTTP', () => {
  let instance: TestInstance;
  let principals: Principals;
  let owner: S3Client;
  let rudy: Keys;
  let barista: string;
  const boundaries = new Map<Says, string>();

  beforeAll(async () => {
    instance = await startInstance();
    principals = new Principals(instance);
    owner = new S3Client(instance.clientOptions());
    await owner.send(new CreateBucketCommand({ Bucket: 'matrix' }));
    await owner.send(new PutObjectCommand({ Bucket: 'matrix', Key: 'menu', Body: 'tea' }));
    rudy = await principals.user('rudy', { may: [silent, allow('sts:GetFederationToken')] });
    barista = await principals.role('barista', { may: [silent] });
    // Boundaries that limit reading must still let federation through.
    for (const said of ['silent', 'allows', 'denies'] as const) {
      const PolicyDocument = policy(...statements[said], allow('sts:GetFederationToken'));
      const { Policy } = await principals.iam.send(new CreatePolicyCommand({ PolicyName: said, PolicyDocument }));
      boundaries.set(said, Policy?.Arn ?? '');
    }
  });
  afterAll(() => instance.stop());

  async function bound(caller: Kind, said: Says): Promise<void> {
    const PermissionsBoundary = boundaries.get(said);
    const { iam: client } = principals;
    const UserName = 'rudy';
    const RoleName = 'barista';
    if (caller === 'role session') {
      if (PermissionsBoundary)
        await client.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
      else await client.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })).catch(() => undefined);
    } else if (PermissionsBoundary) {
      await client.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }));
    } else await client.send(new DeleteUserPermissionsBoundaryCommand({ UserName })).catch(() => undefined);
  }

  function keysFor(caller: Kind, said: Says): Promise<Keys> | Keys {
    const Policy = said === 'absent' ? undefined : policy(...statements[said]);
    if (caller === 'role session') return principals.session(barista, { Policy });
    if (caller === 'federated user') return principals.federated('guest', Policy, rudy);
    return caller === 'user' ? rudy : rootKeys;
  }

  const played = cases.filter(({ caller }) => caller !== 'service');

  it.each(played)(title, async ({ caller, grant, boundary, session, wanted }) => {
    await bound(caller, boundary);
    const s3 = new S3Client(instance.clientOptions(await keysFor(caller, session)));
    const read = () => outcome(s3.send(new GetObjectCommand({ Bucket: 'matrix', Key: 'menu' })));
    await owner.send(new PutBucketPolicyCommand({ Bucket: 'matrix', Policy: JSON.stringify(bucketPolicy(grant)) }));
    expect(await read()).toBe(wanted ? 'allowed' : 'AccessDenied');
    // It was the grant that allowed: one for somebody else leaves silence.
    const other = bucketPolicy({ AWS: `${iam}:user/admin` });
    await owner.send(new PutBucketPolicyCommand({ Bucket: 'matrix', Policy: JSON.stringify(other) }));
    expect(await read()).toBe(caller === 'root user' ? 'allowed' : 'AccessDenied');
  });
});
