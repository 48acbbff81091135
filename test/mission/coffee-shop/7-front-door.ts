/** Chapter 7: the shop's front door, a prankster, his friends, a weather service that never stops, and a slow customer. */
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateProtectionCommand,
  CreateSubscriptionCommand,
  EnableApplicationLayerAutomaticResponseCommand,
  ListAttacksCommand,
  ShieldClient,
} from '@aws-sdk/client-shield';
import {
  AssociateWebACLCommand,
  CreateIPSetCommand,
  CreateWebACLCommand,
  GetWebACLCommand,
  type Rule,
  UpdateWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { askAt, visible } from '../../edge/shop.fixture.ts';
import { freePort } from '../../support/ports.ts';
import { type Chapter, check, equal, type Shop, step } from './lab.ts';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
const servers = new Map<Shop, Server>();

const clients = (shop: Shop) => {
  const { options } = shop.person('manager');
  return {
    ec2: new EC2Client(options),
    elb: new ElasticLoadBalancingV2Client(options),
    waf: new WAFV2Client(options),
    shield: new ShieldClient(options),
  };
};

const port = (shop: Shop): number => Number(shop.note('door'));
const ask = (shop: Shop, path: string, from?: string) =>
  askAt(port(shop), path, { headers: browser, ...(from !== undefined && { from }) });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(isIt: () => Promise<boolean>, otherwise: string, seconds = 15): Promise<void> {
  for (let left = seconds * 10; left > 0; left -= 1) {
    if (await isIt().catch(() => false)) return;
    await pause(100);
  }
  throw new Error(otherwise);
}

/** What the shop's own computer has seen: a line for each request, and the moment of each connection. */
interface Till {
  readonly requests: string[];
  connections: number;
}
const tills = new Map<Shop, Till>();
const till = (shop: Shop): Till => {
  const found = tills.get(shop);
  if (!found) throw new Error('The shop has no computer yet.');
  return found;
};

async function rulesOf(shop: Shop): Promise<Rule[]> {
  const { waf } = clients(shop);
  const found = await waf.send(new GetWebACLCommand({ Name: 'door', Scope: 'REGIONAL', Id: shop.note('acl') }));
  return found.WebACL?.Rules ?? [];
}

async function putRules(shop: Shop, rules: readonly Rule[]): Promise<void> {
  const { waf } = clients(shop);
  const named = { Name: 'door', Scope: 'REGIONAL', Id: shop.note('acl') } as const;
  const { WebACL, LockToken } = await waf.send(new GetWebACLCommand(named));
  await waf.send(
    new UpdateWebACLCommand({
      ...named,
      LockToken,
      DefaultAction: WebACL?.DefaultAction,
      VisibilityConfig: WebACL?.VisibilityConfig,
      Rules: [...rules],
    }),
  );
  await pause(400);
}

const pranksters = (arn: string): Rule => ({
  Name: 'pranksters',
  Priority: 0,
  Statement: { IPSetReferenceStatement: { ARN: arn } },
  Action: { Block: {} },
  VisibilityConfig: visible('pranksters'),
});

/** Too many calls to one page within a minute, whoever calls. */
const tooMany: Rule = {
  Name: 'too-many',
  Priority: 1,
  Statement: {
    RateBasedStatement: {
      Limit: 50,
      EvaluationWindowSec: 60,
      AggregateKeyType: 'CUSTOM_KEYS',
      CustomKeys: [{ UriPath: { TextTransformations: [{ Priority: 0, Type: 'NONE' }] } }],
      ScopeDownStatement: {
        ByteMatchStatement: {
          FieldToMatch: { UriPath: {} },
          SearchString: Buffer.from('/call'),
          PositionalConstraint: 'STARTS_WITH',
          TextTransformations: [{ Priority: 0, Type: 'NONE' }],
        },
      },
    },
  },
  Action: { Block: {} },
  VisibilityConfig: visible('too-many'),
};

const managed = (Name: string, Priority: number): Rule => ({
  Name,
  Priority,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible(Name),
});

export const frontDoor: Chapter = {
  title: 'The front door',
  steps: [
    step(
      'M-171 M-174',
      'the manager puts a load balancer before the shop’s computer, and opens one port',
      async (shop) => {
        const seen: Till = { requests: [], connections: 0 };
        tills.set(shop, seen);
        const server = createServer((incoming, outgoing) => {
          seen.requests.push(`${incoming.method} ${incoming.url}`);
          incoming.resume();
          outgoing.end('welcome');
        });
        server.on('connection', () => {
          seen.connections += 1;
        });
        servers.set(shop, server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        server.unref();
        const { ec2, elb } = clients(shop);
        const door = await freePort();
        shop.notes.set('door', String(door));
        const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
        const { GroupId = '' } = await ec2.send(
          new CreateSecurityGroupCommand({ GroupName: 'door', Description: 'door' }),
        );
        const IpPermissions = [
          { IpProtocol: 'tcp', FromPort: door, ToPort: door, IpRanges: [{ CidrIp: '127.0.0.0/9' }] },
        ];
        await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
        const { LoadBalancers } = await elb.send(
          new CreateLoadBalancerCommand({
            Name: 'door',
            Subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId ?? ''),
            SecurityGroups: [GroupId],
          }),
        );
        shop.notes.set('balancer', LoadBalancers?.[0]?.LoadBalancerArn ?? '');
        const { TargetGroups } = await elb.send(
          new CreateTargetGroupCommand({
            Name: 'door',
            Protocol: 'HTTP',
            Port: 80,
            VpcId: Subnets[0]?.VpcId,
            TargetType: 'ip',
          }),
        );
        const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
        const Targets = [{ Id: '127.0.0.1', Port: (server.address() as AddressInfo).port, AvailabilityZone: 'all' }];
        await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
        await elb.send(
          new CreateListenerCommand({
            LoadBalancerArn: shop.note('balancer'),
            Protocol: 'HTTP',
            Port: door,
            DefaultActions: [{ Type: 'forward', TargetGroupArn }],
          }),
        );
        await until(async () => (await ask(shop, '/menu')).status === 200, 'The door does not open.');
        // Whom no rule lets in does not get as far as a page.
        const outsider = await ask(shop, '/menu', '127.200.0.1').then(
          ({ status }) => status,
          () => 0,
        );
        equal(outsider, 0);
      },
    ),
    step(
      'M-170 M-174',
      'a slow customer speaks to the load balancer for as long as it takes; the shop hears the whole order at once',
      async (shop) => {
        const before = till(shop).requests.length;
        const socket = connect(port(shop), '127.0.0.1');
        socket.on('error', () => undefined);
        const order =
          'POST /order HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0\r\nContent-Length: 12\r\n\r\n';
        for (let at = 0; at < order.length; at += 12) {
          socket.write(order.slice(at, at + 12));
          await pause(60);
        }
        socket.write('one cup, ');
        await pause(400);
        equal(till(shop).requests.length, before);
        socket.write('hot');
        await until(async () => till(shop).requests.length > before, 'The order did not arrive.');
        socket.destroy();
        equal(till(shop).requests.at(-1), 'POST /order');
      },
    ),
    step('M-188 M-191', 'a web ACL without rules lets everybody through', async (shop) => {
      const { waf } = clients(shop);
      const { Summary } = await waf.send(
        new CreateWebACLCommand({
          Name: 'door',
          Scope: 'REGIONAL',
          DefaultAction: { Allow: {} },
          VisibilityConfig: visible('door'),
        }),
      );
      shop.notes.set('acl', Summary?.Id ?? '');
      await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn: shop.note('balancer') }));
      await pause(400);
      equal((await ask(shop, '/call?again', '127.0.0.66')).status, 200);
    }),
    step(
      'M-164 M-189 M-192',
      'one prankster calls again and again: his address is blocked, and nobody else’s',
      async (shop) => {
        const { waf } = clients(shop);
        const { Summary } = await waf.send(
          new CreateIPSetCommand({
            Name: 'pranksters',
            Scope: 'REGIONAL',
            IPAddressVersion: 'IPV4',
            Addresses: ['127.0.0.66/32'],
          }),
        );
        shop.notes.set('pranksters', Summary?.ARN ?? '');
        await putRules(shop, [pranksters(shop.note('pranksters'))]);
        const before = till(shop).requests.length;
        equal((await ask(shop, '/call?again', '127.0.0.66')).status, 403);
        equal(till(shop).requests.length, before);
        equal((await ask(shop, '/menu', '127.0.0.5')).status, 200);
      },
    ),
    step(
      'M-163 M-165',
      'his friends call from 150 other numbers: blocking numbers is hopeless, a rate rule is not',
      async (shop) => {
        const friends = (round: number) =>
          Promise.all(
            Array.from({ length: 150 }, (_, at) => ask(shop, '/call?round', `127.0.${10 + round}.${at + 1}`)),
          );
        const first = await friends(0);
        equal(first.filter(({ status }) => status === 200).length, 150);
        await putRules(shop, [pranksters(shop.note('pranksters')), tooMany]);
        await friends(1);
        await pause(1_000);
        const later = await friends(2);
        check(later.filter(({ status }) => status === 403).length >= 149, 'The friends still get through.');
        equal((await ask(shop, '/menu', '127.0.0.5')).status, 200);
      },
    ),
    step(
      'M-194 M-201',
      'somebody tries the lock with SQL and scripts: the managed rules stop that, and no ordinary order',
      async (shop) => {
        await putRules(shop, [
          managed('AWSManagedRulesCommonRuleSet', 10),
          managed('AWSManagedRulesSQLiRuleSet', 11),
          managed('AWSManagedRulesKnownBadInputsRuleSet', 12),
        ]);
        for (const path of [
          "/order?id=1'%20OR%20'1'='1'--",
          '/menu?name=%3Cscript%3Ealert(1)%3C/script%3E',
          '/../../etc/passwd?f=../../../../etc/passwd',
        ]) {
          equal((await ask(shop, path)).status, 403);
        }
        for (const path of [
          "/order?name=O'Brien",
          '/menu?sort=price&select=latte',
          '/search?q=black+coffee+and+cake',
        ]) {
          equal((await ask(shop, path)).status, 200);
        }
        await putRules(shop, []);
      },
    ),
    step(
      'M-169 M-177 M-179 M-182 M-185',
      'a crowd of bots asks complicated questions, each slower than any customer: Shield tells them apart',
      async (shop) => {
        const { shield } = clients(shop);
        await shield.send(new CreateSubscriptionCommand({}));
        await shield.send(new CreateProtectionCommand({ Name: 'door', ResourceArn: shop.note('balancer') }));
        await shield.send(
          new EnableApplicationLayerAutomaticResponseCommand({
            ResourceArn: shop.note('balancer'),
            Action: { Block: {} },
          }),
        );
        let turn = 0;
        const pages = ['/', '/menu', '/search?q=latte', '/about'];
        const customer = () => ask(shop, pages[turn % pages.length] ?? '/', `127.0.1.${1 + (turn % 50)}`);
        const bot = () => ask(shop, `/search?q=${turn}&sort=deep`, `127.0.9.${1 + (turn % 200)}`);
        const counts = { customers: 0, bots: 0, served: 0, stopped: 0 };
        const wave = async (seconds: number, bots: number, isOver: () => boolean = () => false): Promise<void> => {
          const waiting: Promise<void>[] = [];
          for (let at = 0; at < seconds * 10 && !isOver(); at += 1) {
            turn += 1;
            waiting.push(
              customer().then(({ status }) => {
                counts.customers += 1;
                if (status === 200) counts.served += 1;
              }),
            );
            for (let left = bots; left > 0; left -= 1) {
              turn += 1;
              waiting.push(
                bot().then(({ status }) => {
                  counts.bots += 1;
                  if (status === 403) counts.stopped += 1;
                }),
              );
            }
            await pause(100);
          }
          await Promise.all(waiting);
        };
        await wave(16, 0);
        let isFound = false;
        const looking = setInterval(async () => {
          isFound = (await rulesOf(shop)).length > 0;
        }, 500);
        await wave(15, 6, () => isFound);
        clearInterval(looking);
        check(isFound, 'Shield has put no rule into the web ACL.');
        await pause(600);
        Object.assign(counts, { customers: 0, bots: 0, served: 0, stopped: 0 });
        await wave(4, 6);
        check(counts.stopped / counts.bots > 0.9, `only ${counts.stopped} of ${counts.bots} bots were stopped`);
        check(
          counts.served / counts.customers >= 0.99,
          `${counts.customers - counts.served} customers were turned away`,
        );
        const { AttackSummaries: attacks = [] } = await shield.send(new ListAttacksCommand({}));
        equal(attacks[0]?.ResourceArn, shop.note('balancer'));
      },
    ),
    step(
      'M-166',
      'what was stopped cost the shop nothing: its computer saw no request of the bots once they were known',
      async (shop) => {
        const before = till(shop).requests.length;
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, at) => ask(shop, `/search?q=${at}&sort=deep`, `127.0.9.${at + 1}`)),
        );
        const stopped = answers.filter(({ status }) => status === 403).length;
        equal(till(shop).requests.length - before, 50 - stopped);
        check(stopped >= 45, `only ${stopped} of 50 were stopped`);
        servers.get(shop)?.closeAllConnections();
        servers.get(shop)?.close();
      },
    ),
    {
      ...step(
        'M-167 M-172',
        'a weather service sends answers that nobody asked for: they are dropped before the host',
        async (shop) => {
          const wires = shop.wires;
          check(wires !== undefined, 'There are no wires to send packets on.');
          const { ec2 } = clients(shop);
          const found = await ec2.send(
            new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['roaster'] }] }),
          );
          const host = found.Reservations?.[0]?.Instances?.[0];
          // Its group lets all UDP in: it is not the group that stops this.
          const { GroupId = '' } = await ec2.send(
            new CreateSecurityGroupCommand({ GroupName: 'roaster', Description: 'all UDP' }),
          );
          const IpPermissions = [
            { IpProtocol: 'udp', FromPort: 0, ToPort: 65_535, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
          ];
          await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
          await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: host?.InstanceId, Groups: [GroupId] }));
          await pause(1_000);
          const before = wires.received('roaster');
          const flood =
            "const d=require('dgram').createSocket('udp4');d.bind(53,()=>{let n=0;const t=setInterval(()=>{for(let i=0;i<200;i++,n++)d.send(Buffer.alloc(400),4444,process.argv[1]);if(n>2000){clearInterval(t);setTimeout(()=>process.exit(),200)}},5)})";
          spawnSync(
            'ip',
            ['netns', 'exec', wires.namespace('weather'), process.execPath, '-e', flood, host?.PrivateIpAddress ?? ''],
            { timeout: 15_000 },
          );
          check(wires.received('roaster') - before < 50, 'The host has seen the flood.');
        },
      ),
      skip: (shop: Shop) => (shop.wires === undefined ? 'this needs root, ip and nft' : undefined),
    },
  ],
};
