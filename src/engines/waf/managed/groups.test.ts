/** Managed groups: AWS's names, labels and capacities, and what their rules do with requests of our own. */
import { describe, expect, it } from 'vitest';
import { compileWebAcl } from '../compile.ts';
import { evidence } from '../detectors/evidence.ts';
import { inspect } from '../inspect.ts';
import type { HttpRequest } from '../request.ts';
import { createWafState } from '../state.ts';
import type { ManagedRuleGroupConfig } from '../types.ts';
import { request } from '../waf.fixture.ts';
import type { ManagedFacts } from './facts.ts';
import { managedGroups, managedRuleGroup } from './index.ts';

const browser: readonly (readonly [string, string])[] = [
  ['Host', 'shop.example'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
];

interface Outcome {
  readonly action: string;
  readonly rule: string | undefined;
  readonly labels: readonly string[];
  readonly location: string | undefined;
}

function through(group: string, configs: readonly ManagedRuleGroupConfig[] = [], facts: ManagedFacts = {}) {
  const visibility = { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'a' };
  const webAcl = compileWebAcl(
    {
      Name: 'shop',
      ARN: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1',
      DefaultAction: { Allow: {} },
      VisibilityConfig: visibility,
      Rules: [
        {
          Name: group,
          Priority: 0,
          Statement: {
            ManagedRuleGroupStatement: { VendorName: 'AWS', Name: group, ManagedRuleGroupConfigs: configs },
          },
          OverrideAction: { None: {} },
          VisibilityConfig: visibility,
        },
      ],
    },
    {
      ipSet: () => undefined,
      regexPatternSet: () => undefined,
      ruleGroup: () => undefined,
      managedRuleGroup: (vendor, name, version, given) => managedRuleGroup(vendor, name, version, given, facts),
    },
  );
  const state = createWafState();
  return (
    over: Omit<Partial<HttpRequest>, 'body'> & { readonly body?: string | Uint8Array } = {},
    now = 0,
  ): Outcome => {
    const made = request({ headers: browser, ...over } as Parameters<typeof request>[0]);
    const verdict = inspect(webAcl, made, state, now);
    expect(verdict.failure).toBeUndefined();
    const ended = verdict.ruleGroupList.find((each) => each.terminatingRule)?.terminatingRule;
    return {
      action: verdict.action,
      rule: ended?.ruleId,
      labels: verdict.labels,
      location: ended?.ruleMatchDetails[0]?.location,
    };
  };
}

const post = (type: string, body: string): Omit<Partial<HttpRequest>, 'body'> & { readonly body: string } => ({
  method: 'POST',
  headers: [...browser, ['Content-Type', type]],
  body,
});

describe('the catalogue', () => {
  it('has AWS’s groups with their capacities and numbers of rules', () => {
    expect(
      managedGroups.map((group) => [
        group.Name.replace('AWSManagedRules', ''),
        group.Capacity,
        group.rules([], {}).length,
      ]),
    ).toEqual([
      ['CommonRuleSet', 700, 22],
      ['AdminProtectionRuleSet', 100, 1],
      ['KnownBadInputsRuleSet', 200, 12],
      ['SQLiRuleSet', 200, 8],
      ['LinuxRuleSet', 200, 3],
      ['UnixRuleSet', 100, 3],
      ['WindowsRuleSet', 200, 8],
      ['PHPRuleSet', 100, 4],
      ['WordPressRuleSet', 100, 2],
      ['AmazonIpReputationList', 25, 3],
      ['AnonymousIpList', 50, 2],
      ['BotControlRuleSet', 50, 38],
      ['ATPRuleSet', 50, 12],
      ['ACFPRuleSet', 50, 16],
      ['AntiDDoSRuleSet', 50, 3],
    ]);
  });

  it('labels every rule within the group’s namespace, each once', () => {
    for (const group of managedGroups) {
      const labels = group
        .rules([{ AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'TARGETED' } }], {})
        .map((rule) => rule.Labels![0]!);
      for (const label of labels) expect(label.startsWith(group.LabelNamespace), label).toBe(true);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });

  it('knows no other vendor, group or version', () => {
    expect(managedRuleGroup('AWS', 'AWSManagedRulesCommonRuleSet', 'Version_99.0', [])).toBeUndefined();
    expect(managedRuleGroup('AWS', 'Nothing', undefined, [])).toBeUndefined();
    expect(managedRuleGroup('Acme', 'AWSManagedRulesCommonRuleSet', undefined, [])).toBeUndefined();
    expect(managedRuleGroup('AWS', 'AWSManagedRulesCommonRuleSet', 'Version_1.0', [])?.Version).toBe('Version_1.0');
  });
});

describe('AWSManagedRulesCommonRuleSet', () => {
  const common = through('AWSManagedRulesCommonRuleSet');
  it('WAF trap 1: M-194 finds script in every part of a request, and labels it as AWS does', () => {
    const script = encodeURIComponent('<svg onload=run()>');
    const cases: readonly (readonly [Parameters<typeof common>[0], string, string])[] = [
      [{ query: `q=${script}` }, 'CrossSiteScripting_QUERYARGUMENTS', 'CrossSiteScripting_QueryArguments'],
      [{ path: `/a/${script}` }, 'CrossSiteScripting_URIPATH', 'CrossSiteScripting_URIPath'],
      [{ headers: [...browser, ['Cookie', `a=${script}`]] }, 'CrossSiteScripting_COOKIE', 'CrossSiteScripting_Cookie'],
      [post('application/x-www-form-urlencoded', `a=${script}`), 'CrossSiteScripting_BODY', 'CrossSiteScripting_Body'],
      [
        post('application/json', '{"a":"\\u003csvg onload=run()>"}'),
        'CrossSiteScripting_BODY',
        'CrossSiteScripting_Body',
      ],
      [post('text/xml', '<a><![CDATA[<svg onload=run()>]]></a>'), 'CrossSiteScripting_BODY', 'CrossSiteScripting_Body'],
      [
        post(
          'multipart/form-data; boundary=x',
          '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n<svg onload=run()>\r\n--x--',
        ),
        'CrossSiteScripting_BODY',
        'CrossSiteScripting_Body',
      ],
      [
        post(
          'multipart/form-data; boundary=x',
          '--x\r\nContent-Disposition: form-data; name="a"; filename="<svg onload=run()>.png"\r\n\r\nz\r\n--x--',
        ),
        'CrossSiteScripting_BODY',
        'CrossSiteScripting_Body',
      ],
      [
        { query: `q=1&q=2&q=${encodeURIComponent(script)}` },
        'CrossSiteScripting_QUERYARGUMENTS',
        'CrossSiteScripting_QueryArguments',
      ],
    ];
    for (const [over, rule, label] of cases) {
      const outcome = common(over);
      expect(outcome.rule, JSON.stringify(over)).toBe(rule);
      expect(outcome.labels).toContain(`awswaf:managed:aws:core-rule-set:${label}`);
    }
  });

  it('WAF trap 1: reads UTF-16, repeated arguments, and bodies that do not say what they are', () => {
    const wide = Buffer.from('{"a":"<svg onload=run()>"}', 'utf16le');
    const bare: readonly (readonly [string, string])[] = [
      ...browser,
      ['Content-Type', 'application/json; charset=utf-16'],
    ];
    expect(common({ method: 'POST', headers: bare, body: wide }).rule).toBe('CrossSiteScripting_BODY');
    const marked = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('<a>&lt;svg onload=run()&gt;</a>', 'utf16le'),
    ]);
    expect(common({ method: 'POST', headers: [...browser, ['Content-Type', 'text/xml']], body: marked }).rule).toBe(
      'CrossSiteScripting_BODY',
    );
    expect(common({ method: 'POST', body: '{"a":["x",{"b":"<svg onload=run()>"}]}' }).rule).toBe(
      'CrossSiteScripting_BODY',
    );
    expect(common(post('text/plain', 'a=1&b=%3Csvg+onload%3Drun()%3E')).rule).toBe('CrossSiteScripting_BODY');
    const sqli = through('AWSManagedRulesSQLiRuleSet');
    expect(sqli({ query: 'id=1%27+union+/*&id=*/select+pin+from+cards--' }).action).toBe('BLOCK');
  });

  it('wants a user agent, and none of an attack tool (M-202)', () => {
    expect(common({ headers: [['Host', 'shop.example']] }).rule).toBe('NoUserAgent_HEADER');
    expect(
      common({
        headers: [
          ['Host', 'a'],
          ['User-Agent', 'sqlmap/1.8'],
        ],
      }),
    ).toMatchObject({
      action: 'BLOCK',
      rule: 'UserAgent_BadBots_HEADER',
      labels: ['awswaf:managed:aws:core-rule-set:BadBots_Header'],
    });
  });

  it('holds sizes to AWS’s limits, and blocks bodies of which a part was not seen', () => {
    expect(common({ query: `a=${'b'.repeat(2046)}` }).action).toBe('ALLOW');
    expect(common({ query: `a=${'b'.repeat(2047)}` }).rule).toBe('SizeRestrictions_QUERYSTRING');
    expect(common({ path: `/${'b'.repeat(1024)}` }).rule).toBe('SizeRestrictions_URIPATH');
    expect(common({ headers: [...browser, ['Cookie', `a=${'b'.repeat(10_239)}`]] }).rule).toBe(
      'SizeRestrictions_Cookie_HEADER',
    );
    const json = [...browser, ['Content-Type', 'application/json']] as const;
    const body = Buffer.from(`{"a":"${'b'.repeat(8_300)}"}`);
    expect(common({ method: 'POST', headers: json, body, bodySize: body.length }).action).toBe('ALLOW');
    expect(common({ method: 'POST', headers: json, body: body.subarray(0, 8_192), bodySize: body.length }).rule).toBe(
      'SizeRestrictions_BODY',
    );
    expect(
      common({ method: 'POST', headers: json, body: body.subarray(0, 8_192), deepBody: body, bodySize: body.length })
        .action,
    ).toBe('ALLOW');
    const padded = Buffer.from(`{"a":"${'b'.repeat(9_000)}","c":"<svg onload=run()>"}`);
    expect(
      common({
        method: 'POST',
        headers: json,
        body: padded.subarray(0, 8_192),
        deepBody: padded,
        bodySize: padded.length,
      }).rule,
    ).toBe('CrossSiteScripting_BODY');
    expect(
      common({
        method: 'PUT',
        headers: [...browser, ['Content-Type', 'image/png']],
        body: body.subarray(0, 8_192),
        bodySize: 9e6,
      }).action,
    ).toBe('ALLOW');
  });

  it('finds metadata services, climbing paths, code to include and files of tools', () => {
    expect(common({ query: 'u=http%3A%2F%2F2852039166%2Flatest' }).rule).toBe('EC2MetaDataSSRF_QUERYARGUMENTS');
    expect(common({ query: 'f=..%2f..%2f..%2fetc%2fpasswd' }).rule).toBe('GenericLFI_QUERYARGUMENTS');
    expect(common({ path: '/a/..%c0%af..%c0%af..%c0%afetc/passwd' }).rule).toBe('GenericLFI_URIPATH');
    expect(common({ query: 'p=php://input' }).rule).toBe('GenericRFI_QUERYARGUMENTS');
    expect(common({ path: '/.vscode/settings.json' }).rule).toBe('RestrictedExtensions_URIPATH');
    expect(common({ path: '/.well-known/acme-challenge/x' }).action).toBe('ALLOW');
  });
});

describe('other groups', () => {
  it('SQLi: arguments, body, cookies, headers and path, each by its own rule', () => {
    const sqli = through('AWSManagedRulesSQLiRuleSet');
    const text = "k' union select pin from cards -- ";
    const coded = encodeURIComponent(text);
    expect(sqli({ query: `id=${coded}` })).toMatchObject({
      rule: 'SQLi_QUERYARGUMENTS',
      labels: ['awswaf:managed:aws:sql-database:SQLi_QueryArguments'],
    });
    expect(sqli(post('application/json', JSON.stringify({ id: text }))).rule).toBe('SQLi_BODY');
    expect(sqli({ headers: [...browser, ['X-Id', text]] })).toMatchObject({
      rule: 'SQLiExtendedPatterns_HEADER',
      location: 'HEADER',
    });
    expect(sqli({ path: `/item/${coded}` }).rule).toBe('SQLi_URIPATH');
    expect(sqli({ query: 'user%5B%24ne%5D=x' }).rule).toBe('SQLiExtendedPatterns_QUERYARGUMENTS');
    expect(sqli({ query: 'name=O%27Brien' }).action).toBe('ALLOW');
  });

  it('known bad inputs: Java, Log4j, paths, methods, and a Host that names the host itself', () => {
    const bad = through('AWSManagedRulesKnownBadInputsRuleSet');
    const headers = (...more: readonly (readonly [string, string])[]) => ({ headers: [...browser, ...more] });
    expect(bad(headers(['X-Api-Version', '${jndi:ldap://e.example/a}'])).rule).toBe('Log4JRCE_HEADER');
    expect(bad({ query: 'a=%24%7B%24%7Blower%3Aj%7Dndi%3Aldap%3A%2F%2Fe%7D' }).rule).toBe('Log4JRCE_QUERYSTRING');
    expect(bad(post('application/octet-stream', '\xac\xed\0\x05sr\0')).rule).toBe('JavaDeserializationRCE_BODY');
    expect(bad({ method: 'PROPFIND' }).labels).toEqual(['awswaf:managed:aws:known-bad-inputs:Propfind_Method']);
    expect(bad({ path: '/actuator/heapdump' }).rule).toBe('ExploitablePaths_URIPATH');
    const localhost = { headers: [['Host', 'localhost:80'], ...browser.slice(1)] } as const;
    expect(bad(localhost).rule).toBe('Host_localhost_HEADER');
    expect(bad({ ...localhost, source: { ip: '127.0.0.1' } }).action).toBe('ALLOW');
  });

  it('Linux, Unix, Windows, PHP and WordPress look where AWS says', () => {
    expect(
      through('AWSManagedRulesLinuxRuleSet')({ headers: [...browser, ['X-File', '/proc/self/environ']] }).rule,
    ).toBe('LFI_HEADER');
    expect(through('AWSManagedRulesUnixRuleSet')({ query: 'h=8.8.8.8%3Bwhoami' }).rule).toBe(
      'UNIXShellCommandsVariables_QUERYSTRING',
    );
    expect(through('AWSManagedRulesWindowsRuleSet')({ query: 'h=1%26+ipconfig+/all' }).rule).toBe(
      'WindowsShellCommands_QUERYARGUMENTS',
    );
    expect(
      through('AWSManagedRulesWindowsRuleSet')(post('application/json', '{"a":"Invoke-Expression $x"}')).rule,
    ).toBe('PowerShellCommands_BODY');
    expect(through('AWSManagedRulesPHPRuleSet')({ query: 'c=%24_GET%5B1%5D' }).rule).toBe(
      'PHPHighRiskMethodsVariables_QUERYSTRING',
    );
    expect(through('AWSManagedRulesWordPressRuleSet')({ path: '/xmlrpc.php' }).labels).toEqual([
      'awswaf:managed:aws:wordpress-app:WordPressExploitablePaths_URIPATH',
    ]);
    expect(through('AWSManagedRulesAdminProtectionRuleSet')({ path: '/phpmyadmin/index.php' }).rule).toBe(
      'AdminProtection_URIPATH',
    );
    expect(through('AWSManagedRulesAdminProtectionRuleSet')({ path: '/administrative-fees' }).action).toBe('ALLOW');
  });

  it('M-202 address lists are the operator’s: without one nothing matches', () => {
    const listed: ManagedFacts = { isListed: (list, address) => list === 'reputation' && address === '192.0.2.10' };
    expect(through('AWSManagedRulesAmazonIpReputationList')().action).toBe('ALLOW');
    expect(through('AWSManagedRulesAmazonIpReputationList', [], listed)()).toMatchObject({
      action: 'BLOCK',
      rule: 'AWSManagedIPReputationList',
    });
    expect(
      through('AWSManagedRulesAmazonIpReputationList', [], { isListed: (list) => list === 'ddos' })(),
    ).toMatchObject({ action: 'ALLOW', labels: ['awswaf:managed:aws:amazon-ip-list:AWSManagedIPDDoSList'] });
    expect(through('AWSManagedRulesAnonymousIpList', [], { isListed: (list) => list === 'hosting' })().rule).toBe(
      'HostingProviderIPList',
    );
  });

  it('bots are told by category, verified ones pass, browsers too', () => {
    const agent = (value: string) => ({
      headers: [
        ['Host', 'a'],
        ['User-Agent', value],
      ] as const,
    });
    const bots = through('AWSManagedRulesBotControlRuleSet', [], { isVerifiedBot: (name) => name === 'googlebot' });
    expect(bots().action).toBe('ALLOW');
    expect(bots(agent('curl/8.5.0'))).toMatchObject({ rule: 'CategoryHttpLibrary' });
    expect(bots(agent('curl/8.5.0')).labels).toEqual(
      expect.arrayContaining([
        'awswaf:managed:aws:bot-control:bot:name:curl',
        'awswaf:managed:aws:bot-control:bot:unverified',
        'awswaf:managed:aws:bot-control:bot:category:http_library',
      ]),
    );
    expect(bots(agent('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')).action).toBe(
      'ALLOW',
    );
    expect(bots(agent('Mozilla/5.0 (compatible; bingbot/2.0)')).rule).toBe('CategorySearchEngine');
    expect(bots(agent('Mozilla/5.0 AppleWebKit/537.36; compatible; GPTBot/1.1')).rule).toBe('CategoryAI');
  });

  it('logins: many from one address, many names, stolen pairs, missing fields; other paths are left alone', () => {
    const configs = [
      {
        AWSManagedRulesATPRuleSet: {
          LoginPath: '/login',
          RequestInspection: {
            PayloadType: 'JSON' as const,
            UsernameField: { Identifier: '/user/name' },
            PasswordField: { Identifier: '/user/secret' },
          },
        },
      },
    ];
    const facts: ManagedFacts = { isCompromised: (name) => name === 'ann' };
    const attempt = (name: string, secret = 'pw') => ({
      ...post('application/json', JSON.stringify({ user: { name, secret } })),
      path: '/login',
    });
    expect(through('AWSManagedRulesATPRuleSet', configs, facts)(attempt('ann')).rule).toBe(
      'AttributeCompromisedCredentials',
    );
    expect(through('AWSManagedRulesATPRuleSet', configs)(attempt('')).rule).toBe('SignalMissingCredential');
    const names = through('AWSManagedRulesATPRuleSet', configs);
    expect(Array.from({ length: 12 }, (_, index) => names(attempt(`user${index}`)).rule).at(-1)).toBe(
      'AttributeUsernameTraversal',
    );
    const flood = through('AWSManagedRulesATPRuleSet', configs);
    expect(Array.from({ length: 22 }, () => flood(attempt('bob')).rule).at(-1)).toBe('VolumetricIpHigh');
    expect(flood({ ...attempt('bob'), path: '/other' }).action).toBe('ALLOW');
    expect(flood(attempt('bob'), 3_600_000).action).toBe('ALLOW');
  });

  it('sign-ups: the page is challenged, one telephone number in many accounts is blocked', () => {
    const configs = [
      {
        AWSManagedRulesACFPRuleSet: {
          CreationPath: '/join',
          RegistrationPagePath: '/join-page',
          RequestInspection: {
            PayloadType: 'FORM_ENCODED' as const,
            UsernameField: { Identifier: 'u' },
            PasswordField: { Identifier: 'p' },
            PhoneNumberFields: [{ Identifier: 'tel' }],
          },
        },
      },
    ];
    const group = through('AWSManagedRulesACFPRuleSet', configs);
    expect(group({ path: '/join-page' })).toMatchObject({ action: 'CHALLENGE', rule: 'AllRequests' });
    const rules = Array.from(
      { length: 11 },
      (_, index) =>
        group({
          ...post('application/x-www-form-urlencoded', `u=user${index % 3}&p=x&tel=555`),
          path: '/join',
          source: { ip: `192.0.2.${index}` },
        }).rule,
    );
    expect(rules.at(-1)).toBe('VolumetricPhoneNumberHigh');
  });

  it('floods: labels and actions follow what the traffic engine says', () => {
    const configs = [
      {
        AWSManagedRulesAntiDDoSRuleSet: {
          ClientSideActionConfig: {
            Challenge: {
              UsageOfAction: 'ENABLED' as const,
              ExemptUriRegularExpressions: [{ RegexString: '^/api/' }, { RegexString: '^(?:/rpc)+/\\w+$' }],
            },
          },
          SensitivityToBlock: 'LOW' as const,
        },
      },
    ];
    const during = (level: 'none' | 'low' | 'medium' | 'high') =>
      through('AWSManagedRulesAntiDDoSRuleSet', configs, { suspicion: () => ({ isEvent: true, level }) });
    expect(through('AWSManagedRulesAntiDDoSRuleSet', configs)().labels).toEqual([]);
    expect(during('none')()).toMatchObject({ action: 'CHALLENGE', rule: 'ChallengeAllDuringEvent' });
    expect(during('low')({ path: '/api/x' }).action).toBe('ALLOW');
    expect(during('low')({ path: '/rpc/rpc/x' }).action).toBe('ALLOW');
    expect(during('low')({ path: '/rpc/rpc/' }).action).toBe('CHALLENGE');
    expect(during('high')({ path: '/api/x' })).toMatchObject({ action: 'BLOCK', rule: 'DDoSRequests' });
    expect(during('high')({ path: '/api/x' }).labels).toContain(
      'awswaf:managed:aws:anti-ddos:high-suspicion-ddos-request',
    );
  });

  it('evidence is cut to what a log shows', () => {
    expect(evidence('xss', 'long', 'x'.repeat(900)).matched).toHaveLength(200);
  });
});
