import { describe, expect, it } from 'vitest';
import type { CloudTrailRecord, StoredCall } from '../../events/api-call.ts';
import { callersView, ownersView } from './views.ts';

const [caller, owner] = ['111122223333', '444455556666'];

const miss = (layer: string, key: string, actual: string) => ({
  statement: { layer, sid: `${layer} sid`, effect: 'Allow', index: 0, policy: { id: `${layer} policy` } },
  element: 'condition',
  condition: { operator: 'StringEquals', key, wanted: [`${layer} wish`], actual },
});

const stored = {
  record: {
    userIdentity: { type: 'IAMUser', principalId: 'AIDA', arn: 'arn:aws:iam::111122223333:user/x', accountId: caller },
    errorMessage: 'no identity-based policy',
    requestParameters: { bucketName: 'theirs' },
  } as unknown as CloudTrailRecord,
  why: [
    {
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::theirs/key',
      account: owner,
      verdict: 'implicitDeny',
      layer: 'identity',
      layers: [
        { layer: 'resource', name: 'resource name', verdict: 'silent' },
        { layer: 'identity', name: 'identity name', verdict: 'silent' },
      ],
      nearMisses: [
        miss('resource', 'aws:PrincipalTag/team', 'tag of the caller'),
        miss('resource', 'aws:SourceIp', '192.0.2.7'),
        miss('identity', 's3:ExistingObjectTag/class', 'tag of the object'),
        miss('identity', 'aws:ResourceTag/class', 'tag of the bucket'),
        miss('identity', 'aws:PrincipalTag/team', 'tag of the caller'),
      ],
    },
  ],
} satisfies StoredCall;

describe('a call on a resource of another account', () => {
  it('shows its caller the own side alone, without the tags of the resource', () => {
    const text = JSON.stringify(callersView(stored, caller));
    for (const hidden of [
      'resource sid',
      'resource policy',
      'resource name',
      'resource wish',
      'of the object',
      'of the bucket',
    ]) {
      expect(text).not.toContain(hidden);
    }
    for (const shown of ['identity sid', 'identity wish', 'tag of the caller', 'user/x']) expect(text).toContain(shown);
  });

  it('shows the owner the side of the resource alone, without facts about the caller', () => {
    const text = JSON.stringify(ownersView(stored, owner));
    for (const hidden of ['identity sid', 'identity name', 'identity wish', 'tag of the caller', 'user/x']) {
      expect(text).not.toContain(hidden);
    }
    for (const shown of ['resource sid', 'resource wish', 'resource name', '192.0.2.7', 'AIDA'])
      expect(text).toContain(shown);
  });

  it('is nobody else’s business', () => expect(ownersView(stored, '777788889999')).toBeUndefined());
});

it('a call at home is shown whole', () => {
  const why = [{ ...stored.why[0], account: caller }];
  expect(callersView({ ...stored, why }, caller)).toEqual({ record: stored.record, why });
});
