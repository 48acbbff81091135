/** Actions that sign users in and check tokens: what the API takes, what it shows, and what the edge then does. */
import { createPublicKey, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  type Action,
  type AuthenticateOidcActionConfig,
  CreateListenerCommand,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  type JwtValidationActionConfig,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../edge/browser.fixture.ts';
import { freePort, mirror, type Origin, origin, type Seen, until } from '../edge/edge.fixture.ts';
import { authority, clientId, clientSecret, IdentityProvider } from '../edge/identity-provider.fixture.ts';
import { filesWith, formsOf } from '../support/canary.ts';
import {
  admitLoopback,
  answering,
  elbClient,
  makeHttpsListener,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  refusal,
} from '../support/elb.ts';
import { recordsOf } from '../support/encrypted-objects.ts';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let idp: IdentityProvider;
let shop: Origin;
let root: string;
let folder: string;
let balancer: string;
let certificate: string;
let secure: string;
let plain: string;
let port: number;

beforeAll(async () => {
  const { root: pem, leaf } = await authority();
  root = pem;
  folder = await mkdtemp(join(tmpdir(), 'bailey-authorities-'));
  const targetAuthorities = join(folder, 'authorities.pem');
  writeFileSync(targetAuthorities, root);
  instance = await startInstance({ ...testConfig, edge: { processes: 1, targetAuthorities } });
  elb = elbClient(instance);
  idp = await new IdentityProvider(await leaf('localhost')).open();
  shop = await origin(mirror);
  await admitLoopback(instance);
  const { cert, key } = await leaf('shop.example');
  const [Certificate = '', chain = ''] = cert.split(/(?<=-----END CERTIFICATE-----\n)\n?(?=-----BEGIN)/);
  const { CertificateArn } = await new ACMClient(instance.clientOptions()).send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(Certificate),
      CertificateChain: Buffer.from(`${chain.trimEnd()}\n${root}`),
      PrivateKey: Buffer.from(key),
    }),
  );
  certificate = CertificateArn as string;
  balancer = (await makeLoadBalancer(elb, 'guarded')).LoadBalancerArn;
  port = await freePort();
  secure = (await makeHttpsListener(elb, balancer, port, certificate)).ListenerArn;
  plain = (await makeListener(elb, balancer, await freePort())).ListenerArn;
}, 60_000);

afterAll(async () => {
  await instance.stop();
  await Promise.all([shop.close(), idp.close()]);
  await rm(folder, { recursive: true });
});

/** Configuration reaches the edge a moment later. */
const soon = (isSo: () => Promise<boolean>): Promise<void> => until(() => isSo().catch(() => false));

const endpoints = {
  Issuer: 'https://idp.example',
  AuthorizationEndpoint: 'https://idp.example/authorize',
  TokenEndpoint: 'https://idp.example/token',
  UserInfoEndpoint: 'https://idp.example/userinfo',
  ClientId: 'shop',
};
const canary = 'canary-client-secret-7f3a9d51';
const user = (over: Partial<AuthenticateOidcActionConfig> = {}): Action => ({
  Type: 'authenticate-oidc',
  Order: 1,
  AuthenticateOidcConfig: { ...endpoints, ClientSecret: canary, ...over },
});
const token = (over: Partial<JwtValidationActionConfig> = {}): Action => ({
  Type: 'jwt-validation',
  Order: 1,
  JwtValidationConfig: { JwksEndpoint: 'https://idp.example/jwks', Issuer: 'https://idp.example', ...over },
});
const then: Action = { ...answering('hello'), Order: 2 };

let priority = 0;
async function create(Actions: Action[], ListenerArn = secure): Promise<{ RuleArn: string; Actions: Action[] }> {
  priority += 1;
  const Conditions = [{ Field: 'path-pattern', Values: [`/contract/${priority}`] }];
  const input = { ListenerArn, Priority: priority, Conditions, Actions };
  return (await elb.send(new CreateRuleCommand(input))).Rules?.[0] as never;
}
const remove = (RuleArn: string) => elb.send(new DeleteRuleCommand({ RuleArn }));

describe('authenticate-oidc', () => {
  test('is completed with defaults, read back, and never with its secret', async () => {
    const { RuleArn, Actions } = await create([then, user({ AuthenticationRequestExtraParams: { prompt: 'login' } })]);
    const shown = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        ...endpoints,
        SessionCookieName: 'AWSELBAuthSessionCookie',
        Scope: 'openid',
        SessionTimeout: 604_800,
        AuthenticationRequestExtraParams: { prompt: 'login' },
        OnUnauthenticatedRequest: 'authenticate',
      },
    };
    expect(Actions).toEqual([shown, expect.objectContaining({ Type: 'fixed-response', Order: 2 })]);
    const described = await elb.send(new DescribeRulesCommand({ RuleArns: [RuleArn] }));
    expect(described.Rules?.[0]?.Actions).toEqual(Actions);
    const moved = await elb.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 900 }] }));
    expect(moved.Rules?.[0]?.Actions).toEqual(Actions);
    const change = (config: Partial<AuthenticateOidcActionConfig>) =>
      elb.send(
        new ModifyRuleCommand({
          RuleArn,
          Actions: [
            { ...user(), AuthenticateOidcConfig: { ...endpoints, ...config } } as Action,
            { ...answering('bye'), Order: 5 },
          ],
        }),
      );
    const changed = await change({ UseExistingClientSecret: true, SessionTimeout: 60, Scope: 'email' });
    expect(changed.Rules?.[0]?.Actions?.[0]?.AuthenticateOidcConfig).toMatchObject({
      SessionTimeout: 60,
      Scope: 'email',
    });
    expect(JSON.stringify([Actions, described, moved, changed])).not.toContain(canary);
    expect(await refusal(change({ UseExistingClientSecret: true, ClientSecret: 'x' }))).toBe(
      'InvalidLoadBalancerAction: You cannot both specify a client secret and set UseExistingClientSecret to true',
    );
    expect(await refusal(change({}))).toBe("ValidationError: A 'ClientSecret' must be specified");
    // Nobody has a secret sent to themselves that they were not told.
    for (const stolen of [{ TokenEndpoint: 'https://evil.example/token' }, { ClientId: 'evil' }]) {
      expect(await refusal(change({ UseExistingClientSecret: true, ...stolen }))).toMatch(
        /^InvalidLoadBalancerAction: The existing client secret can only be used with the same/,
      );
    }
    await remove(RuleArn);
  });

  test('of a listener: created, described, modified with the existing secret', async () => {
    const made = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: balancer,
        Port: await freePort(),
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: certificate }],
        DefaultActions: [user(), then],
      }),
    );
    const ListenerArn = made.Listeners?.[0]?.ListenerArn as string;
    const modified = await elb.send(
      new ModifyListenerCommand({
        ListenerArn,
        DefaultActions: [user({ ClientSecret: undefined, UseExistingClientSecret: true }), then],
      }),
    );
    const renamed = await elb.send(new ModifyListenerCommand({ ListenerArn, Port: await freePort() }));
    const described = await elb.send(new DescribeListenersCommand({ ListenerArns: [ListenerArn] }));
    const rules = await elb.send(new DescribeRulesCommand({ ListenerArn }));
    expect(described.Listeners?.[0]?.DefaultActions?.[0]?.AuthenticateOidcConfig?.ClientId).toBe('shop');
    expect(JSON.stringify([made, modified, renamed, described, rules])).not.toContain(canary);
    expect(await refusal(elb.send(new ModifyListenerCommand({ ListenerArn, Protocol: 'HTTP' })))).toBe(
      "InvalidLoadBalancerAction: Actions of type 'authenticate-oidc' are supported only on HTTPS listeners",
    );
  });

  test('has its secret in no record, and in no file in the clear', async () => {
    const trail = new CloudTrailClient(instance.clientOptions());
    for (const operation of ['CreateRule', 'CreateListener', 'ModifyRule', 'ModifyListener']) {
      const records = await recordsOf(trail, operation);
      expect(records.length).toBeGreaterThan(0);
      const text = JSON.stringify(records);
      expect(text).toContain('https://idp.example/token');
      expect(text).not.toContain(canary);
    }
    const { found, seen } = filesWith(instance.dataDir as string, formsOf(Buffer.from(canary)));
    expect(found).toEqual([]);
    expect(seen).toBeGreaterThan(5);
  });

  const value = (config: Partial<AuthenticateOidcActionConfig>): Action[] => [user(config), then];
  test.each([
    [[user()], /^InvalidLoadBalancerAction: An action of the type forward, redirect or fixed-response must be/],
    [
      [{ ...user(), Order: 3 }, then],
      /^InvalidLoadBalancerAction: The last action must be of one of the types forward/,
    ],
    [[{ ...user(), Order: 2 }, then], /^ValidationError: The order '2' is specified more than once$/],
    [[user(), answering('a')], /^ValidationError: The order must be specified for each action/],
    [[user(), token(), then], /^InvalidLoadBalancerAction: Only one action of the types authenticate-oidc and jwt-val/],
    [[user(), then, { ...then, Order: 3 }], /^InvalidLoadBalancerAction: Only one action of the types forward, redir/],
    [[{ ...user(), AuthenticateOidcConfig: undefined }, then], /^ValidationError: An 'AuthenticateOidcConfig' must be/],
    [[{ ...token(), Type: 'authenticate-oidc' }, then], /^ValidationError: The 'JwtValidationConfig' field is not/],
    [
      value({ UseExistingClientSecret: true, ClientSecret: undefined }),
      /^InvalidLoadBalancerAction: You cannot set Use/,
    ],
    [value({ ClientSecret: '' }), /^ValidationError: A 'ClientSecret' must be specified$/],
    [value({ ClientSecret: 'a\nb' }), /^ValidationError: The 'ClientSecret' is not valid$/],
    [
      value({ ClientId: '' }),
      /^InvalidLoadBalancerAction: The 'client id' field must be between 1 and 1024 characters in /,
    ],
    [value({ ClientId: 'a'.repeat(1025) }), /^InvalidLoadBalancerAction: The 'client id' field must be between 1 and/],
    [value({ ClientId: 'a\tb' }), /^ValidationError: The 'ClientId' is not valid$/],
    [value({ TokenEndpoint: 'http://idp.example/token' }), /^ValidationError: The 'TokenEndpoint' 'http:\/\/idp.exam/],
    [value({ TokenEndpoint: 'https://169.254.169.254/latest' }), /^ValidationError: The 'TokenEndpoint' /],
    [value({ TokenEndpoint: 'https://0x7f.1/' }), /^ValidationError: The 'TokenEndpoint' /],
    [value({ UserInfoEndpoint: 'https://[::1]/u' }), /^ValidationError: The 'UserInfoEndpoint' /],
    [value({ UserInfoEndpoint: 'https://a:b@idp.example/u' }), /^ValidationError: The 'UserInfoEndpoint' /],
    [value({ AuthorizationEndpoint: 'https://idp.example/a#b' }), /^ValidationError: The 'AuthorizationEndpoint' /],
    [value({ AuthorizationEndpoint: 'javascript:alert(1)' }), /^ValidationError: The 'AuthorizationEndpoint' /],
    [
      value({ Issuer: `https://idp.example/${'a'.repeat(2048)}` }),
      /^ValidationError: The 'Issuer' is too long; the limit/,
    ],
    [value({ Scope: 'openid\r\nx' }), /^ValidationError: The scope/],
    [value({ SessionCookieName: 'a=b' }), /^ValidationError: The session cookie name 'a=b' is not valid$/],
    [value({ SessionCookieName: 'AWSALB' }), /^ValidationError: The session cookie name 'AWSALB' is not valid$/],
    [value({ SessionTimeout: 0 }), /^ValidationError: The session timeout '0' must be between '1-604800' inclusive$/],
    [value({ SessionTimeout: 604_801 }), /^ValidationError: The session timeout '604801' must be/],
    [value({ OnUnauthenticatedRequest: 'ignore' as never }), /^ValidationError: 1 validation error detected/],
    [
      value({ AuthenticationRequestExtraParams: Object.fromEntries([...'abcdefghijk'].map((name) => [name, '1'])) }),
      /^ValidationError: The number of authentication request extra params cannot exceed '10'$/,
    ],
    [
      value({ AuthenticationRequestExtraParams: { redirect_uri: 'https://evil.example' } }),
      /^ValidationError: The authentication request extra param 'redirect_uri' is reserved$/,
    ],
    [value({ AuthenticationRequestExtraParams: { 'a b': '1' } }), /^ValidationError: The authentication request extra/],
  ] as [Action[], RegExp][])('%j is refused', async (Actions, expected) => {
    const refused = await refusal(create(Actions));
    expect(refused).toMatch(expected);
    expect(refused).not.toContain(canary);
  });

  test('is for HTTPS listeners of application load balancers', async () => {
    const expected = /^InvalidLoadBalancerAction: Actions of type '[a-z-]+' are supported only on HTTPS listeners$/;
    expect(await refusal(create([user(), then], plain))).toMatch(expected);
    expect(await refusal(create([token(), then], plain))).toMatch(expected);
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'net', { Type: 'network' });
    const input = { LoadBalancerArn, Port: 4_000, Protocol: 'TCP' as const, DefaultActions: [user(), then] };
    expect(await refusal(elb.send(new CreateListenerCommand(input)))).toMatch(expected);
  });

  test('authenticate-cognito is refused by name', async () => {
    const AuthenticateCognitoConfig = { UserPoolArn: 'arn:a', UserPoolClientId: 'b', UserPoolDomain: 'c' };
    expect(await refusal(create([{ Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig }, then]))).toBe(
      "NotImplemented: The action 'authenticate-cognito' needs Amazon Cognito, which is not built by Bailey.",
    );
  });
});

describe('jwt-validation', () => {
  test('is read back as it was given', async () => {
    const AdditionalClaims: JwtValidationActionConfig['AdditionalClaims'] = [
      { Name: 'scope', Format: 'space-separated-values', Values: ['read', 'write'] },
      { Name: 'aud', Format: 'string-array', Values: ['shop'] },
      { Name: 'tier', Format: 'single-string', Values: ['very gold'] },
    ];
    const { RuleArn, Actions } = await create([token({ AdditionalClaims }), then]);
    expect(Actions[0]).toEqual(token({ AdditionalClaims }));
    const described = await elb.send(new DescribeRulesCommand({ RuleArns: [RuleArn] }));
    expect(described.Rules?.[0]?.Actions).toEqual(Actions);
    await remove(RuleArn);
  });

  const claims = (...AdditionalClaims: object[]): Action[] => [
    token({ AdditionalClaims: AdditionalClaims as never }),
    then,
  ];
  const claim = { Name: 'a', Format: 'string-array', Values: ['x'] };
  test.each([
    [[{ ...token(), JwtValidationConfig: undefined }, then], /^ValidationError: A 'JwtValidationConfig' must be/],
    [[token({ JwksEndpoint: 'http://idp.example/jwks' }), then], /^ValidationError: The 'JwksEndpoint' 'http:/],
    [[token({ JwksEndpoint: 'https://10.0.0.1/jwks' }), then], /^ValidationError: The 'JwksEndpoint' 'https:/],
    [[token({ JwksEndpoint: `https://a.b/${'c'.repeat(256)}` }), then], /^ValidationError: The 'JwksEndpoint' is too/],
    [[token({ Issuer: 'a'.repeat(257) }), then], /^ValidationError: The 'Issuer' is too long; the limit is '256'$/],
    [[token({ Issuer: '' }), then], /^ValidationError: The 'Issuer' must be specified$/],
    [claims(...[...'abcdefghijk'].map((Name) => ({ ...claim, Name }))), /^ValidationError: The number of additional/],
    [claims(claim, claim), /^ValidationError: An additional claim can be specified only once$/],
    [claims({ ...claim, Name: 'exp' }), /^ValidationError: The claim 'exp' is validated by default and cannot be/],
    [claims({ ...claim, Name: '' }), /^ValidationError: A 'Name' must be specified with additional claims$/],
    [claims({ ...claim, Format: 'number' }), /^ValidationError: 1 validation error detected/],
    [claims({ ...claim, Values: [] }), /^ValidationError: A value must be specified for the claim 'a'$/],
    [
      claims({ ...claim, Values: [...'abcdefghijk'] }),
      /^ValidationError: The claim 'a' has too many values; the limit/,
    ],
    [claims({ ...claim, Format: 'single-string', Values: ['a', 'b'] }), /^ValidationError: The claim 'a' has too many/],
    [claims({ ...claim, Values: ['x'.repeat(257)] }), /^ValidationError: A value of the claim 'a' must have between/],
    [claims({ ...claim, Format: 'space-separated-values', Values: ['a b'] }), /^ValidationError: A value of the claim/],
  ] as [Action[], RegExp][])('%j is refused', async (Actions, expected) => {
    expect(await refusal(create(Actions))).toMatch(expected);
  });
});

describe('what was configured is what the edge does', () => {
  const at = (path: string): string => `https://shop.example:${port}${path}`;
  const forwarding = async (name: string): Promise<Action> => {
    const { TargetGroupArn } = await makeTargetGroup(elb, name);
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: shop.port }] }));
    return { Type: 'forward', TargetGroupArn, Order: 2 };
  };
  const rule = (path: string, Actions: Action[]) => {
    priority += 1;
    const Conditions = [{ Field: 'path-pattern', Values: [path] }];
    return elb.send(new CreateRuleCommand({ ListenerArn: secure, Priority: priority, Conditions, Actions }));
  };

  test('a user signs in, and the application checks who it is by the key that the instance hands out', async () => {
    await rule('/orders', [user(idp.config), await forwarding('orders')]);
    const browser = new Browser(root);
    await soon(async () => (await browser.visit(at('/orders'))).status === 302);
    await soon(async () => (await new Browser(root).browse(at('/orders'))).status === 200);
    const { headers } = JSON.parse((await browser.browse(at('/orders'))).body) as Seen;
    const [header = ''] = String(headers['x-amzn-oidc-data']).split('.');
    const { kid, signer, client } = JSON.parse(Buffer.from(header, 'base64url').toString());
    expect([signer, client]).toEqual([balancer, clientId]);
    const keys = `${instance.endpoint}/_bailey/elasticloadbalancing/public-keys`;
    const answer = await fetch(`${keys}/${kid}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-pem-file']);
    const pem = await answer.text();
    const [signed, signature = ''] = String(headers['x-amzn-oidc-data']).split(/\.(?=[^.]*$)/);
    const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', Buffer.from(signed as string), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(pem).not.toContain('PRIVATE');
    for (const other of ['', '..', '%2e%2e', '00000000-0000-4000-8000-000000000000', `${kid}/`]) {
      expect((await fetch(`${keys}/${other}`)).status).toBe(404);
    }
    expect((await fetch(`${keys}/${kid}`, { method: 'DELETE' })).status).toBe(404);
    // Nothing of it lies about in the clear.
    expect(filesWith(instance.dataDir as string, formsOf(Buffer.from(clientSecret))).found).toEqual([]);
  });

  test('sessions outlive the daily change of keys', async () => {
    const browser = new Browser(root);
    await browser.browse(at('/orders'));
    const kidOf = async (who: Browser): Promise<string> => {
      const { headers } = JSON.parse((await who.browse(at('/orders'))).body) as Seen;
      const [header = ''] = String(headers['x-amzn-oidc-data']).split('.');
      return JSON.parse(Buffer.from(header, 'base64url').toString()).kid as string;
    };
    const first = await kidOf(browser);
    await instance.advance(25 * 3600);
    expect(first).toBe(await kidOf(browser));
    const keys = `${instance.endpoint}/_bailey/elasticloadbalancing/public-keys`;
    expect((await fetch(`${keys}/${first}`)).status).toBe(200);
    await instance.advance(8 * 24 * 3600);
    await soon(async () => (await fetch(`${keys}/${first}`)).status === 404);
    // The edge goes by the machine's clock; the key is gone all the same.
    await soon(async () => (await browser.visit(at('/orders'))).status === 302);
    expect(await kidOf(browser)).not.toBe(first);
  });

  test('a token is checked', async () => {
    const config = { JwksEndpoint: `${idp.origin}/jwks`, Issuer: idp.origin };
    await rule('/api', [token(config), await forwarding('api')]);
    const client = new Browser(root);
    await soon(async () => (await client.visit(at('/api'))).status === 401);
    const exp = Math.floor(Date.now() / 1000) + 60;
    const authorization = `Bearer ${await idp.signed({ iss: idp.origin, exp })}`;
    expect((await client.visit(at('/api'), { headers: { authorization } })).status).toBe(200);
    const expired = `Bearer ${await idp.signed({ iss: idp.origin, exp: exp - 120 })}`;
    expect((await client.visit(at('/api'), { headers: { authorization: expired } })).status).toBe(401);
  });
});
