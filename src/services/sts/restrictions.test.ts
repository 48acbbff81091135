import { expect, test } from 'vitest';
import { userCaller } from '../../../test/support/call.ts';
import type { Caller, Session } from '../service.ts';
import { sessionForbids } from './restrictions.ts';

const times = { issuedAt: 0, expiresAt: 1 };
const of = (session: Session): Caller => ({ ...userCaller('rudy'), session });
const plain = of({ kind: 'session-token', ...times });
const withMfa = of({ kind: 'session-token', ...times, mfaAuthenticatedAt: 0 });
const federated = of({ kind: 'federated-user', ...times });
const role = of({ kind: 'assumed-role', ...times });

/** Rows: action; columns: GetSessionToken without MFA, with MFA, GetFederationToken, AssumeRole, long-term key. */
const table: readonly [string, boolean, boolean, boolean, boolean, boolean][] = [
  ['iam:CreateUser', true, false, true, false, false],
  ['IAM:createuser', true, false, true, false, false],
  ['iam:PassRole', false, false, false, false, false],
  ['sts:GetCallerIdentity', false, false, false, false, false],
  ['sts:AssumeRole', false, false, true, false, false],
  ['sts:TagSession', false, false, false, false, false],
  ['sts:GetSessionToken', true, true, true, false, false],
  ['STS:GetFederationToken', true, true, true, false, false],
  ['sts:DecodeAuthorizationMessage', true, true, true, false, false],
  ['s3:ListBucket', false, false, false, false, false],
  ['iamx:Anything', false, false, false, false, false],
];

test.each(table)('policy trap 18: %s in sessions', (action, ...expected) => {
  const callers = [plain, withMfa, federated, role, userCaller('rudy')];
  expect(callers.map((caller) => sessionForbids(caller, action))).toEqual(expected);
});
