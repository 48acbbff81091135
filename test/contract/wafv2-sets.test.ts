/** IP sets and regex pattern sets over HTTP: create, read, update with the lock token, list in pages, delete. */
import {
  CreateIPSetCommand,
  CreateRegexPatternSetCommand,
  DeleteIPSetCommand,
  DeleteRegexPatternSetCommand,
  GetIPSetCommand,
  GetRegexPatternSetCommand,
  ListIPSetsCommand,
  ListRegexPatternSetsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateIPSetCommand,
  UpdateRegexPatternSetCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refused } from '../support/encrypted-objects.ts';
import {
  accountId,
  nobodyKeys,
  otherAdminKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import { anyName, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
});
afterAll(() => instance.stop());

const Scope = 'REGIONAL' as const;
const make = (more: object = {}) =>
  waf.send(
    new CreateIPSetCommand({
      Name: anyName('ips'),
      Scope,
      IPAddressVersion: 'IPV4',
      Addresses: ['192.0.2.0/24', '198.51.100.7/32'],
      ...more,
    }),
  );
const handle = (summary: { Name?: string | undefined; Id?: string | undefined } | undefined) => ({
  Name: summary?.Name ?? '',
  Id: summary?.Id ?? '',
  Scope,
});

test('an IP set comes back as it was put, and changes only under its lock token', async () => {
  const { Summary } = await make({ Description: 'Prank callers' });
  expect(Summary?.ARN).toBe(`arn:aws:wafv2:us-east-1:${accountId}:regional/ipset/${Summary?.Name}/${Summary?.Id}`);
  const set = handle(Summary);
  const { IPSet, LockToken } = await waf.send(new GetIPSetCommand(set));
  expect(IPSet).toEqual({
    Name: set.Name,
    Id: set.Id,
    ARN: Summary?.ARN,
    Description: 'Prank callers',
    IPAddressVersion: 'IPV4',
    Addresses: ['192.0.2.0/24', '198.51.100.7/32'],
  });
  expect(LockToken).toBe(Summary?.LockToken);
  const { NextLockToken } = await waf.send(new UpdateIPSetCommand({ ...set, Addresses: [], LockToken }));
  expect(NextLockToken).not.toBe(LockToken);
  const after = await waf.send(new GetIPSetCommand(set));
  expect(after.IPSet?.Addresses).toEqual([]);
  expect(after.IPSet?.Description).toBeUndefined();
  expect(await refused(waf.send(new UpdateIPSetCommand({ ...set, Addresses: [], LockToken })))).toMatchObject({
    name: 'WAFOptimisticLockException',
    status: 400,
    message:
      'AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.',
  });
  expect((await refused(waf.send(new DeleteIPSetCommand({ ...set, LockToken })))).name).toBe(
    'WAFOptimisticLockException',
  );
  await waf.send(new DeleteIPSetCommand({ ...set, LockToken: NextLockToken }));
  expect((await refused(waf.send(new GetIPSetCommand(set)))).name).toBe('WAFNonexistentItemException');
});

test('a name is taken once in its scope, and an id belongs to its name', async () => {
  const { Summary } = await make();
  expect((await refused(make({ Name: Summary?.Name }))).name).toBe('WAFDuplicateItemException');
  await make({ Name: Summary?.Name, Scope: 'CLOUDFRONT' });
  const { Summary: other } = await make();
  const crossed = new GetIPSetCommand({ ...handle(Summary), Id: other?.Id });
  expect((await refused(waf.send(crossed))).name).toBe('WAFNonexistentItemException');
});

test('only blocks of the right family, and never the whole internet', async () => {
  for (const [IPAddressVersion, address] of [
    ['IPV4', '192.0.2.1'],
    ['IPV4', '192.0.2.1/33'],
    ['IPV4', '0.0.0.0/0'],
    ['IPV4', '2001:db8::/32'],
    ['IPV6', '::/0'],
    ['IPV6', '192.0.2.0/24'],
    ['IPV6', '::ffff:0:0/96x'],
    ['IPV4', 'x/24'],
    ['IPV4', '195.178.188.66/29'],
    ['IPV4', '10.0.0.1/8'],
    ['IPV4', '128.0.0.1/1'],
    ['IPV4', '192.0.2.1/31'],
  ] as const) {
    const answer = await waf
      .send(new CreateIPSetCommand({ Name: anyName('ips'), Scope, IPAddressVersion, Addresses: [address] }))
      .catch((error) => error);
    expect({ address, name: answer.name, Field: answer.Field, Parameter: answer.Parameter }).toEqual({
      address,
      name: 'WAFInvalidParameterException',
      Field: 'IP_ADDRESS',
      Parameter: address,
    });
    expect(answer.message).toBe(`Error reason: ${answer.Reason}, field: IP_ADDRESS, parameter: ${address}`);
  }
  await make({ Addresses: ['195.178.188.64/29', '128.0.0.0/1', '192.0.2.2/31', '192.0.2.1/32'] });
  const Addresses = ['2001:db8::/32', '2001:db8::1/128', '2001:0db8:85a3:0000:0000:8a2e:0370:7334/32'];
  await make({ IPAddressVersion: 'IPV6', Addresses });
});

test('10,001 addresses are too many', async () => {
  const Addresses = Array.from({ length: 10_001 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);
  const answer = await make({ Addresses }).catch((error) => error);
  expect([answer.name, answer.SourceType]).toEqual(['WAFLimitsExceededException', 'IP_ADDRESS']);
});

test('M-187 CLOUDFRONT is a scope of us-east-1 alone', async () => {
  const there = wafClient(instance, undefined, 'eu-west-1');
  const create = new CreateIPSetCommand({
    Name: 'x',
    Scope: 'CLOUDFRONT',
    IPAddressVersion: 'IPV4',
    Addresses: [],
  });
  const answer = await there.send(create).catch((error) => error);
  expect([answer.name, answer.Field, answer.Parameter]).toEqual([
    'WAFInvalidParameterException',
    'SCOPE_VALUE',
    'CLOUDFRONT',
  ]);
  expect(answer.message).toBe('Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT');
  expect((await refused(there.send(new ListIPSetsCommand({ Scope: 'CLOUDFRONT' })))).status).toBe(400);
  const { Summary } = await waf.send(create);
  expect(Summary?.ARN).toContain(':global/ipset/x/');
});

test('lists come in pages, and a marker opens only its own list', async () => {
  const there = wafClient(instance, undefined, 'eu-central-1');
  for (const Name of ['a', 'b', 'c']) {
    await there.send(new CreateIPSetCommand({ Name, Scope, IPAddressVersion: 'IPV4', Addresses: [] }));
  }
  const first = await there.send(new ListIPSetsCommand({ Scope, Limit: 2 }));
  expect(first.IPSets?.map(({ Name }) => Name)).toEqual(['a', 'b']);
  const second = await there.send(new ListIPSetsCommand({ Scope, Limit: 2, NextMarker: first.NextMarker }));
  expect(second.IPSets?.map(({ Name }) => Name)).toEqual(['c']);
  expect(second.NextMarker).toBeUndefined();
  const NextMarker = first.NextMarker;
  for (const [client, command] of [
    [waf, new ListIPSetsCommand({ Scope, NextMarker })],
    [wafClient(instance, otherAdminKeys, 'eu-central-1'), new ListIPSetsCommand({ Scope, NextMarker })],
    [there, new ListIPSetsCommand({ Scope, NextMarker: `${NextMarker?.slice(0, -2)}AA` })],
  ] as const) {
    expect((await refused(client.send(command))).name).toBe('WAFInvalidOperationException');
  }
  expect((await refused(there.send(new ListRegexPatternSetsCommand({ Scope, NextMarker })))).name).toBe(
    'WAFInvalidOperationException',
  );
});

test('a regex pattern set comes back as it was put', async () => {
  const list = [{ RegexString: '^/admin(/|$)' }, { RegexString: 'a{1,3}[0-9]+' }];
  const { Summary } = await waf.send(
    new CreateRegexPatternSetCommand({ Name: anyName('re'), Scope, RegularExpressionList: list }),
  );
  const set = handle(Summary);
  const got = await waf.send(new GetRegexPatternSetCommand(set));
  expect(got.RegexPatternSet?.RegularExpressionList).toEqual(list);
  const { NextLockToken } = await waf.send(
    new UpdateRegexPatternSetCommand({ ...set, RegularExpressionList: [], LockToken: got.LockToken }),
  );
  expect(
    (
      await refused(
        waf.send(new UpdateRegexPatternSetCommand({ ...set, RegularExpressionList: [], LockToken: got.LockToken })),
      )
    ).name,
  ).toBe('WAFOptimisticLockException');
  const { RegexPatternSets } = await waf.send(new ListRegexPatternSetsCommand({ Scope }));
  expect(RegexPatternSets?.map(({ Name }) => Name)).toContain(set.Name);
  for (const RegexString of ['(', 'x'.repeat(513), '[z-a]']) {
    const bad = new CreateRegexPatternSetCommand({
      Name: anyName('re'),
      Scope,
      RegularExpressionList: [{ RegexString }],
    });
    expect(['WAFInvalidParameterException', 'ValidationException']).toContain((await refused(waf.send(bad))).name);
  }
  const looking = { Name: anyName('re'), Scope, RegularExpressionList: [{ RegexString: 'a(?=b)' }] };
  expect((await refused(waf.send(new CreateRegexPatternSetCommand(looking)))).message).toBe(
    'Error reason: The parameter contains formatting that is not valid. In the regular expression: lookahead and lookbehind are not supported (at 3)., field: REGEX_PATTERN_SET, parameter: a(?=b)',
  );
  const eleven = Array.from({ length: 11 }, (_, n) => ({ RegexString: `x${n}` }));
  const many = new CreateRegexPatternSetCommand({ Name: anyName('re'), Scope, RegularExpressionList: eleven });
  expect((await refused(waf.send(many))).name).toBe('WAFLimitsExceededException');
  await waf.send(new DeleteRegexPatternSetCommand({ ...set, LockToken: NextLockToken }));
  expect((await refused(waf.send(new GetRegexPatternSetCommand(set)))).name).toBe('WAFNonexistentItemException');
  expect((await refused(waf.send(new DeleteRegexPatternSetCommand({ ...set, LockToken: NextLockToken })))).name).toBe(
    'WAFNonexistentItemException',
  );
});

test('tags are given with a resource, added, listed and taken away', async () => {
  const { Summary } = await make({ Tags: [{ Key: 'team', Value: 'shop' }] });
  const ResourceARN = Summary?.ARN;
  await waf.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'cost', Value: '7' }] }));
  const listed = await waf.send(new ListTagsForResourceCommand({ ResourceARN }));
  expect(listed.TagInfoForResource).toEqual({
    ResourceARN,
    TagList: [
      { Key: 'cost', Value: '7' },
      { Key: 'team', Value: 'shop' },
    ],
  });
  await waf.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team', 'nothing'] }));
  const after = await waf.send(new ListTagsForResourceCommand({ ResourceARN }));
  expect(after.TagInfoForResource?.TagList).toEqual([{ Key: 'cost', Value: '7' }]);
  const reserved = new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'aws:x', Value: '' }] });
  expect((await refused(waf.send(reserved))).name).toBe('WAFTagOperationException');
  const many = Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' }));
  expect((await refused(waf.send(new TagResourceCommand({ ResourceARN, Tags: many })))).name).toBe(
    'WAFTagOperationException',
  );
  const gone = `arn:aws:wafv2:us-east-1:${accountId}:regional/ipset/x/00000000-0000-4000-8000-000000000000`;
  expect((await refused(waf.send(new ListTagsForResourceCommand({ ResourceARN: gone })))).name).toBe(
    'WAFNonexistentItemException',
  );
  expect((await refused(waf.send(new UntagResourceCommand({ ResourceARN: gone, TagKeys: ['x'] })))).name).toBe(
    'WAFNonexistentItemException',
  );
  const none = new ListTagsForResourceCommand({ ResourceARN: 'arn:aws:s3:::a-bucket-of-somebody' });
  expect((await refused(waf.send(none))).name).toBe('WAFInvalidParameterException');
});

test('without permission nothing is said, not even whether it is there', async () => {
  const { Summary } = await make();
  const nobody = wafClient(instance, nobodyKeys);
  const stranger = wafClient(instance, otherAdminKeys);
  const there = await refused(nobody.send(new GetIPSetCommand(handle(Summary))));
  const gone = await refused(nobody.send(new GetIPSetCommand({ ...handle(Summary), Name: 'none' })));
  expect(there.name).toBe('AccessDeniedException');
  expect(there.message).toContain(`wafv2:GetIPSet on resource: ${Summary?.ARN}`);
  expect(gone.name).toBe('AccessDeniedException');
  expect((await refused(stranger.send(new GetIPSetCommand(handle(Summary))))).name).toBe('WAFNonexistentItemException');
  const foreign = new TagResourceCommand({ ResourceARN: Summary?.ARN, Tags: [{ Key: 'a', Value: 'b' }] });
  expect((await refused(stranger.send(foreign))).name).toBe('AccessDeniedException');
});

test('the operator may set other quotas', async () => {
  const roomy = await startInstance({ ...testConfig, waf: { regexPatternSets: 12, patternsPerSet: 11 } });
  try {
    const client = wafClient(roomy);
    const list = (count: number) => Array.from({ length: count }, (_, n) => ({ RegexString: `x${n}` }));
    const add = (count: number) =>
      client.send(new CreateRegexPatternSetCommand({ Name: anyName('re'), Scope, RegularExpressionList: list(count) }));
    for (let n = 0; n < 12; n++) await add(11);
    const answer = await add(1).catch((error) => error);
    expect([answer.name, answer.SourceType]).toEqual(['WAFLimitsExceededException', 'REGEX_PATTERN_SET']);
    const { RegexPatternSets = [] } = await client.send(new ListRegexPatternSetsCommand({ Scope, Limit: 1 }));
    const { Name, Id, LockToken } = RegexPatternSets[0] ?? {};
    const update = new UpdateRegexPatternSetCommand({ Name, Id, LockToken, Scope, RegularExpressionList: list(12) });
    expect((await refused(client.send(update))).name).toBe('WAFLimitsExceededException');
  } finally {
    await roomy.stop();
  }
});
