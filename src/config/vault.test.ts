import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const kms = (more: string) => `vault:\n  seal: kms\n  kms: { region: eu-central-1, keyId: "${arn}"${more} }\n`;
const token = (more = '') => `vault:\n  seal: pkcs11\n  pkcs11: { module: /usr/lib/x.so, token: root${more} }\n`;

test.each([
  'vault: { seal: key-file }',
  'vault: { seal: passphrase, passphraseFile: /etc/bailey/passphrase }',
  'vault: { seal: shamir, domainKeyHours: 1 }',
  kms(''),
  kms(', endpoint: https://keys.example.com:4567, credentialsFile: /etc/bailey/keys, profile: sealer, ca: /etc/ca.pem'),
  kms(', endpoint: http://127.0.0.1:4566'),
  kms(', endpoint: "http://[::1]:4566"'),
  token(', pinFile: /etc/bailey/pin, label: bailey-root, environment: { SOFTHSM2_CONF: /etc/softhsm2.conf }'),
])('%s', (text) => {
  expect(parseConfig(text, 'x.yaml').vault).toBeTypeOf('object');
});

test.each([
  ['vault: { seal: none }', 'vault.seal'],
  ['vault: { seal: Shamir }', 'vault.seal'],
  ['vault: { passphrase: secret }', 'passphrase'],
  ['vault: { passphraseFile: relative }', 'passphraseFile'],
  ['vault: { domainKeyHours: 0 }', 'domainKeyHours'],
  // The root key leaves this machine by TLS or not at all.
  [kms(', endpoint: http://keys.example.com'), 'endpoint'],
  [kms(', endpoint: http://127.0.0.1.example.com'), 'endpoint'],
  [kms(', endpoint: keys'), 'endpoint'],
  [kms('').replace(arn, 'alias/root'), 'keyId'],
  [kms('').replace('eu-central-1,', 'nowhere,'), 'region'],
  ['vault: { seal: kms, kms: { region: us-east-1 } }', 'keyId'],
  [token(), 'pinFile'],
  [token(', pinFile: /etc/pin, pin: "1234"'), 'pin'],
  [token(', pinFile: /etc/pin').replace('/usr/lib/x.so', 'x.so'), 'module'],
])('%s is refused', (text, word) => {
  expect(() => parseConfig(text, 'x.yaml')).toThrow(word);
});
