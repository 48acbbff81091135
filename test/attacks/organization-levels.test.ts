/**
 * Service control policies, on the engine (Organizations User Guide, "SCP evaluation"): an Allow at every level, no Deny
 * at any, for everybody in a member account and for nobody else, whatever the policy of the resource grants.
 */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/engines/policy/index.ts';
import { type CastName, cast } from '../scenarios/cast.ts';
import { accountId } from '../support/instance.ts';
import { allow } from '../support/principals.ts';

type Says = 'allows' | 'silent' | 'denies' | 'empty';
const says: readonly Says[] = ['allows', 'silent', 'denies', 'empty'];
const document = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
const level: Readonly<Record<Says, readonly object[]>> = {
  allows: [document(allow('*'))],
  silent: [document(allow('ec2:*')), document(allow('s3:PutObject'))],
  denies: [document(allow('*')), document({ ...allow('s3:GetObject'), Effect: 'Deny' })],
  empty: [],
};
/** Every combination of what the organization's root, a unit and the account say. */
const levels = says.flatMap((root) =>
  says.flatMap((unit) => says.map((account): readonly Says[] => [root, unit, account])),
);

/** Who calls, and whether SCPs bind: users, sessions and the root user, but no service and nobody linked to one. */
const callers: Readonly<Partial<Record<CastName, boolean>>> = {
  rudy: true,
  barista: true,
  guest: true,
  owner: true,
  ownersGuest: true,
  linked: false,
  trail: false,
  passerby: false,
};

/** Both sides let the caller through: what is left to decide is the organization's. */
function verdict(caller: CastName, scps: readonly (readonly object[])[] | undefined, grant?: object): string {
  const everybody = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' };
  return evaluate({
    principal: cast[caller],
    action: 's3:GetObject',
    resource: { arn: 'arn:aws:s3:::shop/menu', account: accountId },
    identity: [document(allow('s3:*'))],
    session: caller === 'guest' || caller === 'ownersGuest' ? [document(allow('s3:*'))] : undefined,
    scps,
    resourcePolicy: { document: document(grant ?? everybody) },
  }).verdict;
}

describe('policy trap 10: service control policies', () => {
  it.each(Object.entries(callers) as [CastName, boolean][])('%s is bound: %s, by every level', (caller, bound) => {
    expect(levels).toHaveLength(64);
    for (const said of levels) {
      const wanted =
        !bound || said.every((one) => one === 'allows')
          ? 'allowed'
          : said.includes('denies')
            ? 'explicitDeny'
            : 'implicitDeny';
      expect(
        `${said}: ${verdict(
          caller,
          said.map((one) => level[one]),
        )}`,
      ).toBe(`${said}: ${wanted}`);
    }
  });

  it('no grant of a bucket policy helps, to whomever it is made', () => {
    const grants = [
      { AWS: '*' },
      { AWS: cast.rudy.arn },
      { AWS: accountId },
      { AWS: cast.rudy.id },
      { AWS: [cast.owner.arn, cast.rudy.arn] },
    ];
    for (const Principal of grants) {
      const grant = { Effect: 'Allow', Principal, Action: 's3:*', Resource: '*' };
      expect(verdict('rudy', [level.allows, level.allows], grant)).toBe('allowed');
      expect(verdict('rudy', [level.denies, level.allows], grant)).toBe('explicitDeny');
      expect(verdict('rudy', [level.allows, level.silent], grant)).toBe('implicitDeny');
      expect(verdict('rudy', [level.allows, level.empty], grant)).toBe('implicitDeny');
    }
  });

  it('levels are no union: what one allows, another must allow as well', () => {
    const reading = [document(allow('s3:GetObject'))];
    const writing = [document(allow('s3:PutObject'))];
    expect(verdict('rudy', [reading, writing])).toBe('implicitDeny');
    expect(verdict('rudy', [[...reading, ...writing], reading])).toBe('allowed');
  });

  it('a type that is enabled without any policy denies; the management account has no such type', () => {
    for (const caller of ['rudy', 'barista', 'guest', 'owner'] as const) {
      expect(verdict(caller, [])).toBe('implicitDeny');
      expect(verdict(caller, undefined)).toBe('allowed');
    }
  });
});
