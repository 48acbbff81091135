/** Security groups and network ACLs on real packets: a router's ruleset between hosts that have no firewall of their own. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits, type Network, ruleset, type SecurityGroup, sysctls } from '../../src/engines/network/index.ts';
import { tcpProbe, tcpServer, Wires, whyNoNamespaces } from './namespaces.ts';

const why = whyNoNamespaces();
if (why !== undefined) console.warn(`SKIPPED: packets through security groups: ${why}`);

type Rule = SecurityGroup['rules'][number];
const open = { from: 0, to: 65_535 };
const everything = (direction: 'ingress' | 'egress', id: string) =>
  ({ id, direction, protocol: -1, ports: open, peer: { kind: 'cidr', cidr: '0.0.0.0/0' } }) as const;
const allowAll = (['ingress', 'egress'] as const).map((direction) => ({
  number: 100,
  direction,
  allows: true,
  protocol: -1,
  ports: open,
  cidr: '0.0.0.0/0',
}));

describe.skipIf(why !== undefined)('packets through security groups', () => {
  let wires: Wires;
  let web: { address: string; device: string };
  let client: { address: string; device: string };
  let stranger: { address: string; device: string };
  const node = process.execPath;

  beforeAll(async () => {
    wires = new Wires();
    web = wires.host('web', 1);
    client = wires.host('cli', 2);
    stranger = wires.host('str', 3);
    for (const port of [80, 81]) {
      await wires.start(wires.namespace('web'), node, ['-e', tcpServer(port)], 'listening');
    }
    const echo = "require('net').createServer(s=>s.on('error',()=>0).pipe(s)).listen(83,()=>console.log('listening'))";
    await wires.start(wires.namespace('web'), node, ['-e', echo], 'listening');
    wires.filter(
      'table inet first {\n chain c {\n type filter hook forward priority 0;\n ct state new accept\n }\n}\n',
    );
    for (const [key, value] of Object.entries(sysctls)) wires.run(wires.router, 'sysctl', ['-qw', `${key}=${value}`]);
  });
  afterAll(() => wires?.close());

  const probe = (from: string, port: number, address = web.address) =>
    wires.run(wires.namespace(from), node, ['-e', tcpProbe(address, port)]).trim();

  function network(webGroup: SecurityGroup, clientGroups: readonly string[] = ['sg-c'], acl = allowAll): Network {
    const base = { checksSource: true, subnet: 'subnet-1', acl: 'acl-1' };
    return {
      interfaces: [
        { ...base, id: 'eni-1', addresses: [web.address], groups: [webGroup.id], device: web.device },
        {
          ...base,
          id: 'eni-2',
          addresses: [client.address],
          groups: clientGroups,
          subnet: 'subnet-2',
          device: client.device,
        },
      ],
      groups: new Map([
        [webGroup.id, webGroup],
        ['sg-c', { id: 'sg-c', rules: [everything('egress', 'sgr-9')] }],
        ['sg-d', { id: 'sg-d', rules: [everything('egress', 'sgr-8')] }],
      ]),
      acls: new Map([['acl-1', { id: 'acl-1', entries: acl }]]),
      prefixLists: new Map([['pl-1', [`${stranger.address}/32`]]]),
    };
  }
  const tcp = (port: number, peer: SecurityGroup['rules'][number]['peer']) =>
    ({ id: 'sgr-1', direction: 'ingress', protocol: 6, ports: { from: port, to: port }, peer }) as const;
  const everybody = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
  const out = everything('egress', 'sgr-7');

  const listening = (child: ChildProcess) => {
    let heard = 0;
    child.stdout?.on('data', () => {
      heard += 1;
    });
    return {
      /** Answers that come from now on. */
      async heardWithin(milliseconds: number): Promise<number> {
        heard = 0;
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        return heard;
      },
      end: () => child.kill('SIGKILL'),
    };
  };
  /** A connection that says something each tenth of a second, once it was answered. */
  const talking = async (from: string, port: number) => {
    const talk = [
      `const s=require('net').connect(${port},'${web.address}')`,
      "s.on('data',d=>console.log('heard '+d))",
      'let n=0;setInterval(()=>s.write(String(++n)),100)',
    ].join(';');
    return listening(await wires.start(wires.namespace(from), node, ['-e', talk], 'heard'));
  };

  test('WAF trap 10: M-171 what is on no list does not get through; answers do', () => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: [] })));
    expect(probe('str', 80)).toBe('silent');
    wires.filter(ruleset(network({ id: 'sg-w', rules: [tcp(80, everybody)] })));
    expect(probe('str', 80)).toBe('open');
    expect(probe('cli', 80)).toBe('open');
    expect(probe('str', 81)).toBe('silent');
  });

  test('WAF trap 10: M-171 a reference to a group follows its members', () => {
    const rules = [tcp(80, { kind: 'group', id: 'sg-c' })];
    wires.filter(ruleset(network({ id: 'sg-w', rules })));
    expect(probe('cli', 80)).toBe('open');
    expect(probe('str', 80)).toBe('silent');
    wires.filter(ruleset(network({ id: 'sg-w', rules }, ['sg-d'])));
    expect(probe('cli', 80)).toBe('silent');
  });

  test('WAF trap 10: a member that leaves keeps the connections that are tracked, and opens no new ones', async () => {
    const rules = [tcp(83, { kind: 'group', id: 'sg-c' })];
    wires.filter(ruleset(network({ id: 'sg-w', rules })));
    const kept = await talking('cli', 83);
    wires.filter(ruleset(network({ id: 'sg-w', rules }, ['sg-d'])));
    expect(probe('cli', 83)).toBe('silent');
    expect(await kept.heardWithin(1_000)).toBeGreaterThan(2);
    kept.end();
  });

  test.each<[string, readonly Rule[], readonly Rule[], 'ends' | 'goes on']>([
    ['from everybody, with a way out for everything: it ends', [tcp(83, everybody), out], [out], 'ends'],
    ['from everybody, and the way out goes: it ends', [tcp(83, everybody), out], [tcp(83, everybody)], 'ends'],
    ['from everybody, with no way out: it goes on', [tcp(83, everybody)], [], 'goes on'],
    ['from 10.0.0.0/8: it goes on', [tcp(83, { kind: 'cidr', cidr: '10.0.0.0/8' }), out], [out], 'goes on'],
    [
      'from everybody, narrowed to where it came from: it goes on',
      [tcp(83, everybody), out],
      [tcp(83, { kind: 'cidr', cidr: '10.77.3.0/24' }), out],
      'goes on',
    ],
    [
      'from everybody, narrowed to others: it ends',
      [tcp(83, everybody), out],
      [tcp(83, { kind: 'cidr', cidr: '10.77.2.0/24' }), out],
      'ends',
    ],
  ])('WAF trap 10: a live connection whose rule goes, %s', async (_name, before, after, expected) => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: before })));
    const kept = await talking('str', 83);
    wires.filter(ruleset(network({ id: 'sg-w', rules: after })));
    // What was on its way is over.
    await kept.heardWithin(200);
    const heard = await kept.heardWithin(1_000);
    kept.end();
    if (expected === 'ends') expect(heard).toBe(0);
    else expect(heard).toBeGreaterThan(2);
  });

  test.each([
    ['with a way out for everything', [out]],
    ['with no way out', []],
  ])(
    'WAF trap 10: handshakes that are answered on a host’s behalf, %s, are judged like others',
    async (_name, more) => {
      const rules = [tcp(83, everybody), ...more];
      // From the second handshake of a second on.
      const limits = { ...defaultLimits, handshakesPerPort: 1 };
      const made = (given: readonly Rule[], groups = ['sg-c']) =>
        wires.filter(ruleset(network({ id: 'sg-w', rules: given }, groups), { limits }));
      made(rules);
      const all = await Promise.all(['str', 'str', 'cli', 'cli'].map((from) => talking(from, 83)));
      for (const one of all) expect(await one.heardWithin(300)).toBeGreaterThan(0);
      const answered = wires.run(wires.router, 'nft', ['list', 'counter', 'inet', 'bailey', 'vector_syn_flood']);
      expect(Number(/packets (\d+)/.exec(answered)?.[1])).toBeGreaterThan(0);
      made(more);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const heard = await Promise.all(all.map((one) => one.heardWithin(1_000)));
      for (const one of all) one.end();
      if (more.length > 0) expect(heard).toEqual([0, 0, 0, 0]);
      else expect(Math.min(...heard)).toBeGreaterThan(2);
    },
  );

  test('WAF trap 10: UDP from everybody ends with its rule, and ICMP goes on', async () => {
    const server = "const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send(m,r.port,r.address))";
    await wires.start(
      wires.namespace('web'),
      node,
      ['-e', `${server};s.bind(84,()=>console.log('listening'))`],
      'listening',
    );
    const given = { id: 'sgr-3', direction: 'ingress', peer: everybody } as const;
    const udp = { ...given, protocol: 17, ports: { from: 84, to: 84 } };
    const icmp = { ...given, protocol: 1, ports: { from: -1, to: -1 } };
    wires.filter(ruleset(network({ id: 'sg-w', rules: [udp, icmp, out] })));
    const says = `const s=require('dgram').createSocket('udp4');s.on('message',d=>console.log('heard '+d));setInterval(()=>s.send('x',84,'${web.address}'),100)`;
    const datagrams = listening(await wires.start(wires.namespace('str'), node, ['-e', says], 'heard'));
    const echoes = listening(
      await wires.start(
        wires.namespace('str'),
        'stdbuf',
        ['-oL', 'hping3', '-1', '-i', 'u100000', web.address],
        'len=',
      ),
    );
    wires.filter(ruleset(network({ id: 'sg-w', rules: [out] })));
    await datagrams.heardWithin(200);
    const [ofUdp, ofIcmp] = await Promise.all([datagrams.heardWithin(1_000), echoes.heardWithin(1_000)]);
    datagrams.end();
    echoes.end();
    expect(ofUdp).toBe(0);
    expect(ofIcmp).toBeGreaterThan(2);
  });

  test('a prefix list names sources', () => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: [tcp(80, { kind: 'prefix-list', id: 'pl-1' })] })));
    expect(probe('str', 80)).toBe('open');
    expect(probe('cli', 80)).toBe('silent');
  });

  test('blocks in every form that is read are taken by the kernel’s tools, too', () => {
    const odd = ['2001:DB8::1.2.3.4/64', '::1.2.3.4/128', '::ffff:1.2.3.4/128', '10.0.0.9/8', '::ffff:0:0/90'];
    const list: Rule = { ...everything('ingress', 'sgr-2'), peer: { kind: 'prefix-list', id: 'pl-1' } };
    const rules = odd.map((cidr): Rule => ({ ...everything('ingress', 'sgr-3'), peer: { kind: 'cidr', cidr } }));
    const lines = odd.map((cidr, index) => ({ ...allowAll[0], number: 300 + index, cidr })) as typeof allowAll;
    const made = network(
      { id: 'sg-w', rules: [list, ...rules, tcp(80, everybody)] },
      ['sg-c'],
      [...allowAll, ...lines],
    );
    wires.filter(ruleset({ ...made, prefixLists: new Map([['pl-1', odd]]) }));
    expect(probe('cli', 80)).toBe('open');
  });

  test('egress rules hold a host back; a host speaks under its own addresses only', () => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: [tcp(80, everybody)] }, [])));
    expect(probe('cli', 80)).toBe('silent');
    wires.filter(ruleset(network({ id: 'sg-w', rules: [tcp(80, everybody)] })));
    wires.run(wires.namespace('cli'), 'ip', ['addr', 'add', '10.77.2.66/32', 'dev', 'lo']);
    const forged = tcpProbe(web.address, 80).replace(
      ".connect(80,'",
      ".connect({port:80,localAddress:'10.77.2.66',host:'",
    );
    expect(wires.run(wires.namespace('cli'), node, ['-e', forged.replace("');const", "'});const")]).trim()).toBe(
      'silent',
    );
  });

  test('hosts behind one device all speak, each under its own address', () => {
    const made = network({ id: 'sg-w', rules: [tcp(80, everybody)] });
    const second = { ...made.interfaces[1], id: 'eni-3', addresses: ['10.77.2.67'] } as Network['interfaces'][number];
    wires.filter(ruleset({ ...made, interfaces: [...made.interfaces, second] }));
    expect(probe('cli', 80)).toBe('open');
  });

  test('what belongs to no flow leaves no host that may not speak', async () => {
    const astray = ['-A', '-c', '5', '-i', 'u10000', '-q', '-p', '7777', stranger.address];
    const sent = async (): Promise<number> => {
      const before = wires.received('str');
      expect(before).toBeGreaterThanOrEqual(0);
      // Nobody answers, which hping3 takes for a failure.
      try {
        wires.run(wires.namespace('cli'), 'hping3', astray);
      } catch {}
      return wires.received('str') - before;
    };
    wires.filter('table inet bailey {\n}\ndelete table inet bailey\n');
    expect(await sent()).toBeGreaterThanOrEqual(5);
    wires.filter(ruleset(network({ id: 'sg-w', rules: [] }, [])));
    expect(await sent()).toBeLessThan(5);
  });

  test('nobody makes rules for a host by an interface of the same address', () => {
    const closed = network({ id: 'sg-w', rules: [] });
    const [at, from] = closed.interfaces as [Network['interfaces'][number], Network['interfaces'][number]];
    const anything = { id: 'sg-x', rules: [everything('ingress', 'sgr-5'), everything('egress', 'sgr-6')] };
    const theirs = { ...at, subnet: 'subnet-9', groups: ['sg-x'], acl: 'acl-1' };
    const { device: _none, ...elsewhere } = theirs;
    const rivals = [
      { ...elsewhere, id: 'eni-8', addresses: [web.address] },
      { ...elsewhere, id: 'eni-9', addresses: [stranger.address] },
      { ...theirs, id: 'eni-7', addresses: ['10.77.2.99', web.address], device: from.device ?? '' },
    ];
    const made = (interfaces: Network['interfaces'], groups: SecurityGroup) => ({
      ...closed,
      interfaces,
      groups: new Map([...closed.groups, ['sg-w', groups], ['sg-x', anything]]),
    });
    wires.filter(ruleset(made([...rivals, at, from], { id: 'sg-w', rules: [] })));
    expect(probe('str', 80)).toBe('silent');
    wires.filter(ruleset(made([...rivals, at, from], { id: 'sg-w', rules: [tcp(80, everybody)] })));
    expect(probe('str', 80)).toBe('open');
  });

  test('a network ACL denies by its first line, and has no memory', () => {
    const rules = [tcp(80, everybody)];
    const line = (number: number, direction: 'ingress' | 'egress', allows: boolean, cidr: string) => ({
      number,
      direction,
      allows,
      protocol: -1,
      ports: open,
      cidr,
    });
    wires.filter(
      ruleset(
        network({ id: 'sg-w', rules }, ['sg-c'], [line(50, 'ingress', false, `${stranger.address}/32`), ...allowAll]),
      ),
    );
    expect(probe('str', 80)).toBe('silent');
    expect(probe('cli', 80)).toBe('open');
    // Without a line for answers, no answer leaves the subnet.
    const noAnswers = [line(100, 'ingress', true, '0.0.0.0/0')];
    wires.filter(
      ruleset(network({ id: 'sg-w', rules: [tcp(81, everybody)] }, ['sg-c'], noAnswers), { answersHandshakes: false }),
    );
    expect(probe('str', 81)).toBe('silent');
  });

  test('M-172 the host never sees what is dropped', async () => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: [] })));
    // IPv4 alone: neighbours of the link talk to each other whenever they like.
    const received = (): number => {
      const [names = '', values = ''] = wires
        .run(wires.namespace('web'), 'cat', ['/proc/net/snmp'])
        .split('\n')
        .filter((row) => row.startsWith('Ip:'));
      return Number(values.split(' ')[names.split(' ').indexOf('InReceives')]);
    };
    const before = received();
    expect(probe('str', 80)).toBe('silent');
    expect(before).toBeGreaterThan(0);
    expect(received()).toBe(before);
  });

  test('flows are counted as accepted and rejected, for those who want them', () => {
    wires.filter(ruleset(network({ id: 'sg-w', rules: [tcp(80, everybody)] }), { logged: [web.address] }));
    expect(probe('str', 80)).toBe('open');
    expect(probe('str', 82)).toBe('silent');
    const seen = (set: string): string => wires.run(wires.router, 'nft', ['-j', 'list', 'set', 'inet', 'bailey', set]);
    const flow = (port: number) => new RegExp(`"${stranger.address}", "${web.address}", "tcp", \\d+, ${port}\\]`);
    expect(seen('accepted_in_4')).toMatch(flow(80));
    expect(seen('rejected_in_4')).toMatch(flow(82));
    expect(seen('accepted_in_4')).not.toMatch(flow(82));
  });
});
