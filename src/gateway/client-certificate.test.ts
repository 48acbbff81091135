import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import type { Caller, Principal } from '../services/service.ts';
import { isBorrowed, read, shownOn } from './client-certificate.ts';

const account = '111122223333';
const rudy = `arn:aws:iam::${account}:user/rudy`;
const barista = `arn:aws:iam::${account}:role/barista`;
const principalOf = (uri: string) => (uri === 'spiffe://bailey/111122223333/user/rudy' ? rudy : undefined);

test('the one URI of a certificate is read, and whom it stands for', () => {
  expect(read('URI:spiffe://bailey/111122223333/user/rudy', principalOf)).toEqual({
    uri: 'spiffe://bailey/111122223333/user/rudy',
    principalArn: rudy,
  });
  expect(read('DNS:node-1, URI:spiffe://bailey/agent/1, IP Address:10.0.0.1', principalOf)).toEqual({
    uri: 'spiffe://bailey/agent/1',
  });
});

test.each([
  ['none', ''],
  ['a name only', 'DNS:node-1'],
  ['two', 'URI:spiffe://bailey/agent/1, URI:spiffe://bailey/111122223333/user/rudy'],
  ['one that is smuggled into another name', 'DNS:"a, URI:spiffe://bailey/111122223333/user/rudy, b"'],
  ['a list that cannot be read', 'DNS:a, , URI:spiffe://bailey/111122223333/user/rudy'],
  ['one with a comma, which is quoted', 'URI:"spiffe://bailey/a, URI:spiffe://bailey/111122223333/user/rudy"'],
])('no URI counts where there is %s', (_what, names) => {
  expect(read(names, principalOf)?.principalArn).toBeUndefined();
});

const caller = (principal: Principal): Caller => ({ principal, account });
const user = (arn: string): Caller => caller({ kind: 'user', account, arn, id: 'AIDAX', name: 'x' });
const role = caller({
  kind: 'assumed-role',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/barista/shift`,
  id: 'AROAX:shift',
  roleArn: barista,
  roleId: 'AROAX',
  roleName: 'barista',
  sessionName: 'shift',
  serviceLinked: false,
});

test('whose calls a certificate lets through', () => {
  const of = (principalArn: string) => ({ uri: 'spiffe://…', principalArn });
  expect(isBorrowed(of(rudy), user(rudy))).toBe(false);
  expect(isBorrowed(of(rudy), user(`arn:aws:iam::${account}:user/eve`))).toBe(true);
  expect(isBorrowed(of(rudy), user('arn:aws:iam::444455556666:user/rudy'))).toBe(true);
  expect(
    isBorrowed(of(rudy), caller({ kind: 'root', account, arn: `arn:aws:iam::${account}:root`, id: account })),
  ).toBe(true);
  expect(isBorrowed(of(rudy), role)).toBe(true);
  expect(isBorrowed(of(barista), role)).toBe(false);
  expect(isBorrowed(of(rudy), caller({ kind: 'service', name: 's3.amazonaws.com' }))).toBe(true);
  expect(isBorrowed(of(rudy), caller({ kind: 'anonymous' }))).toBe(false);
  // Machines have certificates that stand for nobody.
  expect(isBorrowed({ uri: 'spiffe://bailey/agent/1' }, user(rudy))).toBe(false);
  expect(isBorrowed(undefined, user(rudy))).toBe(false);
});

test('what a connection showed is read once, with its end; what was not verified counts for nothing', () => {
  let reads = 0;
  const socket = (authorized: boolean, certificate: object) =>
    ({
      authorized,
      getPeerCertificate() {
        reads += 1;
        return certificate;
      },
    }) as unknown as TLSSocket;
  const names = 'URI:spiffe://bailey/111122223333/user/rudy';
  const verified = socket(true, { subjectaltname: names, valid_to: 'Nov 28 10:00:00 2026 GMT' });
  const expected = { certificate: { principalArn: rudy }, until: Date.UTC(2026, 10, 28, 10) };
  for (let round = 0; round < 3; round += 1) expect(shownOn(verified, principalOf)).toMatchObject(expected);
  expect(reads).toBe(1);
  for (const other of [
    socket(false, { subjectaltname: names, valid_to: 'Nov 28 10:00:00 2026 GMT' }),
    socket(true, {}),
  ]) {
    expect(shownOn(other, principalOf)).toEqual({ certificate: undefined, until: Number.POSITIVE_INFINITY });
  }
});
