import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from './config.ts';

const minimal = 'accounts:\n  - id: "111122223333"\n';

describe('parseConfig', () => {
  it('takes an empty file, comments, and documents as text or mapping', () => {
    expect(parseConfig('', 'f')).toEqual({});
    expect(parseConfig('# nothing\n', 'f')).toEqual({});
    const config = parseConfig(
      `${minimal}    policies:\n      - name: a\n        document: { Version: "2012-10-17" }\n      - name: b\n        document: '{"Version":"2012-10-17"}'\n`,
      'f',
    );
    expect(config.accounts?.[0]?.policies?.map((policy) => policy.document)).toEqual([
      '{"Version":"2012-10-17"}',
      '{"Version":"2012-10-17"}',
    ]);
  });

  it.each([
    ['regoin: us-east-1', /^f:1:1: regoin is not known/],
    [`${minimal}    user: []`, /^f:3:5: user is not known in accounts\[0\]/],
    ['accounts:\n  - name: x', /lacks id/],
    ['accounts:\n  - id: 111122223333', /^f:2:9: accounts\[0\]\.id must be text/],
    ['accounts:\n  - id: "1"', /12 digits/],
    ['accounts: {}', /must be a list/],
    ['trustedProxies: [10.0.0.0/40]', /CIDR/],
    ['trustedProxies: [everyone]', /CIDR/],
    ['region: us-east-1\nregion: eu-west-1', /unique/i],
    ['signatureV2: "no"', /true or false/],
    ['cloudtrail: { deliverySeconds: 0 }', /at least 1/],
    ['certificates: { acme: { names: [x.example] } }', /certificates\.acme lacks directory/],
    ['certificates: { acme: { directory: "http://acme.example/dir" } }', /must be an https/],
    ['certificates: { acme: { directory: "https://user:secret@acme.example/dir" } }', /must be an https/],
    ['certificates: { acme: { directory: "https://acme.example/dir", names: ["a b"] } }', /must be a host name/],
    ['certificates: { acme: { directory: "https://acme.example/dir", names: ["10.0.0.1 "] } }', /must be a host name/],
    ['certificates: { acme: { directory: "https://acme.example/dir", email: owner } }', /must be an email address/],
    ['regions: [{ zones: [a] }]', /regions\[0\] lacks name/],
    ['regions: [{ name: moon }]', /f:1:19: regions\[0\]\.name must be a region/],
    ['regions: [{ name: us-east-1, zones: [q] }]', /must be a letter from a to p/],
    ['regions: [{ name: us-east-1, zones: [us-east-1a] }]', /must be a letter from a to p/],
    ['edgeLocations: [Frankfurt]', /must be an edge location/],
    ['edge: { zone: us-east-1 }', /edge\.zone must be a zone/],
    ['edge: { edgeLocation: fra }', /must be an edge location/],
    ['a: [', /f: /],
    ['__proto__: { x: 1 }', /not known/],
    [`${minimal}    users:\n      - name: "a b"`, /must be/],
    [`${minimal}    rootAccessKeys: [{ id: "a-b", secret: s }]`, /letters, digits and underscores/],
    [`a: &a [x]\nb: [${'*a,'.repeat(200)}]`, /f:/],
  ])('refuses %j', (text, message) => {
    expect(() => parseConfig(text, 'f')).toThrow(ConfigError);
    expect(() => parseConfig(text, 'f')).toThrow(message);
  });
});
