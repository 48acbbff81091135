/** Floods of packets at a protected host, in namespaces of the test's own: what Shield Standard does without being asked. */
import { execFileSync, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Network, ruleset, sysctls, vectors } from '../../src/engines/network/index.ts';
import { tcpProbe, tcpServer, Wires, whyNoNamespaces } from './namespaces.ts';

function whyNoFloods(): string | undefined {
  const why = whyNoNamespaces();
  if (why !== undefined) return why;
  try {
    execFileSync('which', ['hping3'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'hping3 is not installed';
  }
}

const why = whyNoFloods();
if (why !== undefined) console.warn(`SKIPPED: floods of packets: ${why}`);

describe.skipIf(why !== undefined)('floods of packets', () => {
  let wires: Wires;
  let web: { address: string; device: string };
  const node = process.execPath;

  beforeAll(async () => {
    wires = new Wires('10.78');
    web = wires.host('web', 1);
    wires.host('cli', 2);
    wires.host('bad', 3);
    await wires.start(wires.namespace('web'), node, ['-e', tcpServer(80)], 'listening');
    const rule = (id: string, protocol: number, from: number, to: number) =>
      ({ id, direction: 'ingress', protocol, ports: { from, to }, peer: { kind: 'cidr', cidr: '0.0.0.0/0' } }) as const;
    const out = {
      id: 'sgr-9',
      direction: 'egress',
      protocol: -1,
      ports: { from: 0, to: 65_535 },
      peer: { kind: 'cidr', cidr: '0.0.0.0/0' },
    } as const;
    const line = (direction: 'ingress' | 'egress') =>
      ({
        number: 100,
        direction,
        allows: true,
        protocol: -1,
        ports: { from: 0, to: 65_535 },
        cidr: '0.0.0.0/0',
      }) as const;
    const network: Network = {
      interfaces: [
        {
          id: 'eni-1',
          addresses: [web.address],
          groups: ['sg-1'],
          subnet: 'subnet-1',
          acl: 'acl-1',
          checksSource: true,
          device: web.device,
        },
      ],
      // Open for everything: what stops a flood is not the group.
      groups: new Map([
        [
          'sg-1',
          {
            id: 'sg-1',
            rules: [rule('sgr-1', 6, 80, 80), rule('sgr-2', 17, 0, 65_535), rule('sgr-3', 1, -1, -1), out],
          },
        ],
      ]),
      acls: new Map([['acl-1', { id: 'acl-1', entries: [line('ingress'), line('egress')] }]]),
      prefixLists: new Map(),
    };
    wires.filter(ruleset(network));
    for (const [key, value] of Object.entries(sysctls)) wires.run(wires.router, 'sysctl', ['-qw', `${key}=${value}`]);
  });
  afterAll(() => wires?.close());

  /** Sends for some seconds, and asks as a customer meanwhile. Answers how many customers were served. */
  async function during(args: readonly string[], seconds = 3): Promise<{ asked: number; served: number }> {
    const flood = spawn(
      'ip',
      ['netns', 'exec', wires.namespace('bad'), 'timeout', String(seconds), 'hping3', '-q', ...args, web.address],
      { stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => flood.on('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    let [asked, served] = [0, 0];
    while (flood.exitCode === null) {
      asked += 1;
      const answer = await new Promise<string>((resolve) => {
        const probe = spawn('ip', [
          'netns',
          'exec',
          wires.namespace('cli'),
          node,
          '-e',
          tcpProbe(web.address, 80, 2_000),
        ]);
        let said = '';
        probe.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
        });
        probe.on('exit', () => resolve(said.trim()));
      });
      if (answer === 'open') served += 1;
    }
    await ended;
    return { asked, served };
  }

  const counted = (name: string): number => {
    const counter = vectors.find((one) => one.name === name)?.counter ?? '';
    const listed = wires.run(wires.router, 'nft', ['-j', 'list', 'counter', 'inet', 'bailey', counter]);
    return Number(/"packets": (\d+)/.exec(listed)?.[1]);
  };
  const received = (): number =>
    Number(/p\w+web:\s+\d+\s+(\d+)/.exec(wires.run(wires.namespace('web'), 'cat', ['/proc/net/dev']))?.[1]);
  const tracked = (): number => Number(wires.run(wires.router, 'sysctl', ['-n', 'net.netfilter.nf_conntrack_count']));

  test('WAF trap 11: M-162 M-168 M-176 a SYN flood from forged addresses neither fills the table of connections nor keeps customers out', async () => {
    const { asked, served } = await during(['-S', '-p', '80', '--flood', '--rand-source']);
    expect(counted('SYN_FLOOD')).toBeGreaterThan(1_000);
    expect(tracked()).toBeLessThan(1_000);
    expect(asked).toBeGreaterThan(0);
    expect(served / asked).toBeGreaterThanOrEqual(0.99);
  }, 30_000);

  test('M-167 answers that nobody asked for, as a weather service would send them, never reach the host', async () => {
    const before = received();
    for (const port of ['53', '123', '1900'])
      await during(['-2', '-s', port, '-k', '-p', '4444', '-d', '400', '--flood'], 1);
    expect(counted('DNS_REFLECTION') + counted('NTP_REFLECTION') + counted('SSDP_REFLECTION')).toBeGreaterThan(1_000);
    // What the host did get are the packets of customers who asked meanwhile.
    expect(received() - before).toBeLessThan(500);
  }, 30_000);

  test('M-168 M-178 UDP and ICMP from one source are held to a rate; a slow source is heard', async () => {
    const before = received();
    await during(['-2', '-p', '4444', '--flood'], 1);
    await during(['-1', '--flood'], 1);
    expect(counted('UDP_TRAFFIC')).toBeGreaterThan(1_000);
    expect(counted('ICMP_FLOOD')).toBeGreaterThan(1_000);
    expect(received() - before).toBeLessThan(2_000);
    const slow = received();
    wires.run(wires.namespace('cli'), 'hping3', ['-q', '-2', '-p', '4444', '-c', '10', '-i', 'u100000', web.address]);
    // One may be lost to a machine that is busy: queues of packets are shared by all that it does.
    expect(received() - slow).toBeGreaterThanOrEqual(9);
  }, 30_000);

  test('WAF trap 11: M-178 while one source floods with UDP, another one is heard at 10 packets a second', async () => {
    const server = "const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send(m,r.port,r.address))";
    const listening = `${server};s.bind(4545,()=>console.log('listening'))`;
    await wires.start(wires.namespace('web'), node, ['-e', listening], 'listening');
    const slow = [
      "const s=require('dgram').createSocket('udp4');let n=0,g=0;s.on('message',()=>g++)",
      `const t=setInterval(()=>{s.send('x',4545,'${web.address}');if(++n===20)clearInterval(t)},100)`,
      'setTimeout(()=>{console.log(n,g);process.exit()},3000)',
    ].join(';');
    const before = counted('UDP_TRAFFIC');
    const flood = spawn(
      'ip',
      [
        'netns',
        'exec',
        wires.namespace('bad'),
        'timeout',
        '6',
        'hping3',
        '-q',
        '-2',
        '-p',
        '4545',
        '--flood',
        web.address,
      ],
      { stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => flood.on('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [sent, heard] = wires.run(wires.namespace('cli'), node, ['-e', slow]).trim().split(' ').map(Number);
    const isFlooding = flood.exitCode === null;
    await ended;
    expect([sent, isFlooding]).toEqual([20, true]);
    // One may be lost to a machine that is busy.
    expect(heard).toBeGreaterThanOrEqual(19);
    expect(counted('UDP_TRAFFIC') - before).toBeGreaterThan(1_000);
  }, 30_000);

  test('M-168 packets that make no sense are dropped and counted', async () => {
    await during(['-F', '-P', '-U', '-p', '80', '-i', 'u1000'], 1);
    expect(counted('INVALID_PACKET')).toBeGreaterThan(10);
  }, 30_000);
});
