/** The index finds what a walk over all statements would find, and looks at few. */
import { describe, expect, test } from 'vitest';
import { combine, compile, decide } from './index.ts';
import { indexOf } from './policy-set.ts';
import type { AuthorizationRequest, Context, PolicySet } from './types.ts';

const account = '111122223333';
const set = (...statements: object[]): PolicySet =>
  combine([compile(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'identity', { id: 'p' })]);

function request(
  identity: PolicySet,
  action: string,
  arn: string,
  context: Context = { get: () => undefined },
): AuthorizationRequest {
  return {
    principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/rudy`, id: 'AIDA1', name: 'rudy' },
    action,
    resource: { arn, account },
    context,
    layers: { identity },
  };
}

describe('the index', () => {
  test('policy trap 21: asks the conditions of the statements that match, not of all', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      Effect: index % 2 === 0 ? 'Allow' : 'Deny',
      Action: `s3:${index % 3 === 0 ? 'Get' : 'Put'}*`,
      Resource: `arn:aws:s3:::bucket${String(index).padStart(4, '0')}/*`,
      Condition: { StringEquals: { 'aws:username': 'rudy' } },
    }));
    let asked = 0;
    const context: Context = {
      get() {
        asked++;
        return 'rudy';
      },
    };
    expect(decide(request(set(...many), 's3:GetObject', 'arn:aws:s3:::bucket0300/x', context)).allowed).toBe(true);
    expect(decide(request(set(...many), 's3:GetObject', 'arn:aws:s3:::bucket0303/x', context)).verdict).toBe(
      'explicitDeny',
    );
    expect(asked).toBe(2);
  });

  test('finds patterns at every fork of their beginnings', () => {
    const patterns = [
      'arn:aws:s3:::a',
      'arn:aws:s3:::ab',
      'arn:aws:s3:::ab*',
      'arn:aws:s3:::abc/d',
      'arn:aws:s3:::b?',
      'arn:aws:*:a',
      'arn:*:s3:::*z',
      'arn:aws:s3:::abd',
    ];
    const statements = patterns.map((Resource, index) => ({
      Sid: `S${index}`,
      Effect: 'Allow',
      Action: 's3:*',
      Resource,
    }));
    const index = indexOf(set(...statements));
    const found = (arn: string): string[] => {
      const sids: string[] = [];
      const note = (statement: { source: { sid?: string } }): boolean => {
        sids.push(statement.source.sid ?? '');
        return false;
      };
      index.slice('s3:GetObject').allows.visit(arn, { get: () => undefined }, note, undefined);
      return sids.sort();
    };
    expect(found('arn:aws:s3:::a')).toEqual(['S0', 'S5']);
    expect(found('arn:aws:s3:::ab')).toEqual(['S1', 'S2']);
    expect(found('arn:aws:s3:::abc/d')).toEqual(['S2', 'S3']);
    expect(found('arn:aws:s3:::abd')).toEqual(['S2', 'S7']);
    expect(found('arn:aws:s3:::bz')).toEqual(['S4', 'S6']);
    expect(found('arn:aws:s3:::')).toEqual([]);
    expect(found('')).toEqual([]);
  });

  test('forgets actions when there are too many, and stays right', () => {
    const identity = set(
      { Effect: 'Allow', Action: 's3:*7', Resource: '*' },
      { Effect: 'Deny', Action: 's3:*77', Resource: '*' },
    );
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 1_000; index++) {
        const { verdict } = decide(request(identity, `s3:Act${index}`, '*'));
        const text = String(index);
        expect(verdict).toBe(text.endsWith('77') ? 'explicitDeny' : text.endsWith('7') ? 'allowed' : 'implicitDeny');
      }
    }
  });

  test('finds statements for every service beside those for one', () => {
    const identity = set(
      { Sid: 'One', Effect: 'Allow', Action: 'iam:GetUser', Resource: '*' },
      { Sid: 'Not', Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
    );
    expect(decide(request(identity, 'IAM:getuser', '*')).statements[0]?.sid).toBe('One');
    expect(decide(request(identity, 'sts:AssumeRole', '*')).statements[0]?.sid).toBe('Not');
    expect(decide(request(identity, 'iam:CreateUser', '*')).allowed).toBe(false);
  });
});

test('sets and policies are only those that the engine made', () => {
  expect(() => combine([{ label: { id: 'x' }, kind: 'identity' }])).toThrow(TypeError);
  expect(() => decide(request({ policies: [] }, 's3:GetObject', '*'))).toThrow(TypeError);
});
