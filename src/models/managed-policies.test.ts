import { describe, expect, it } from 'vitest';
import { awsManagedPolicies, awsManagedPolicy, awsManagedPolicyDocument } from './managed-policies.ts';

describe('the table of AWS managed policies', () => {
  it('finds AdministratorAccess with its dates and document', () => {
    const arn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    expect(awsManagedPolicy(arn)).toMatchObject({
      name: 'AdministratorAccess',
      path: '/',
      versionId: 'v1',
      createdAt: Date.UTC(2015, 1, 6, 18, 39, 46),
    });
    expect(JSON.parse(awsManagedPolicyDocument(arn) ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
  });

  it('keeps the paths of job functions and service roles', () => {
    expect(awsManagedPolicy('arn:aws:iam::aws:policy/job-function/ViewOnlyAccess')?.path).toBe('/job-function/');
    expect(awsManagedPolicy('arn:aws:iam::aws:policy/ViewOnlyAccess')).toBeUndefined();
    expect(awsManagedPolicyDocument('arn:aws:iam::111122223333:policy/AdministratorAccess')).toBeUndefined();
  });

  it('opens the document of every policy, each with statements', () => {
    const all = awsManagedPolicies();
    expect(all.length).toBeGreaterThan(1_500);
    for (const policy of all) {
      const document = JSON.parse(awsManagedPolicyDocument(policy.arn) ?? '') as { Statement: object };
      expect(document.Statement, policy.arn).toBeDefined();
      expect(policy.id).toMatch(/^ANPA[A-Z2-7]{17}$/);
    }
    expect(new Set(all.map((policy) => policy.id)).size).toBe(all.length);
  });
});
