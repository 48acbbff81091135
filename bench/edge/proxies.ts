/** What is measured side by side: Bailey's edge process, plain nginx, and nginx with ModSecurity and the CRS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLimits, type Snapshot, type WebAclSettings } from '../../src/edge/snapshot.ts';
import { managedGroups } from '../../src/engines/waf/managed/index.ts';
import type { Rule } from '../../src/engines/waf/types.ts';
import { Hub } from '../../src/instance/edge/hub.ts';
import { edgeFlags } from '../../src/instance/edge/processes.ts';

export interface Measured {
  readonly port: number;
  /** Of all its threads, in microseconds. */
  cpuMicros(): number;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Nanoseconds on a processor, of each thread: finer than clock ticks. */
function cpuOf(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1000;
}

const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve));

const visible = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'bench' };

/** Every managed group that looks at requests. */
function fullSet(): WebAclSettings {
  const rules: Rule[] = managedGroups.map(({ Name }, index) => ({
    Name,
    Priority: index,
    OverrideAction: { None: {} },
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
    VisibilityConfig: visible,
  }));
  const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/bench/1';
  return {
    arn,
    name: 'bench',
    account: '111122223333',
    region: 'us-east-1',
    scope: 'REGIONAL',
    revision: '1',
    tokenKey: Buffer.alloc(32, 1).toString('base64'),
    inspectedBodyBytes: 8192,
    isLogged: false,
    definition: {
      webAcl: { Name: 'bench', ARN: arn, DefaultAction: { Allow: {} }, Rules: rules, VisibilityConfig: visible },
      ipSets: {},
      regexPatternSets: {},
      ruleGroups: {},
      vendorGroups: {},
    },
  };
}

function snapshot(port: number, targetPort: number, folder: string, isInspecting: boolean): Snapshot {
  const webAcl = fullSet();
  const arn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/bench/50dc6c495c0c9188';
  const group = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/bench/73e2d6bc24d8a067';
  return {
    version: 1,
    instanceId: 'bench',
    node: {
      bindAddress: '127.0.0.1',
      trustedProxies: [],
      spillFolder: join(folder, 'bodies'),
      cookieKey: Buffer.alloc(32).toString('base64'),
      limits: defaultLimits,
    },
    loadBalancers: [
      {
        arn,
        name: 'bench',
        dnsName: 'bench-1.us-east-1.elb.amazonaws.com',
        account: '111122223333',
        region: 'us-east-1',
        type: 'application',
        scheme: 'internet-facing',
        attributes: {},
        ...(isInspecting && { webAcl: webAcl.arn }),
        ingress: [{ groupId: 'sg', ruleId: 'sgr', protocol: 6, fromPort: port, toPort: port, cidrs: ['0.0.0.0/0'] }],
        listeners: [
          {
            arn: `${arn}/listener`,
            protocol: 'HTTP',
            port,
            certificates: [],
            attributes: {},
            defaultActions: [{ Type: 'forward', TargetGroupArn: group }],
            rules: [],
          },
        ],
      },
    ],
    targetGroups: [
      {
        arn: group,
        name: 'bench',
        protocol: 'HTTP',
        protocolVersion: 'HTTP1',
        port: 80,
        attributes: {},
        healthCheck: {
          enabled: false,
          protocol: 'HTTP',
          port: 'traffic-port',
          path: '/',
          intervalSeconds: 30,
          timeoutSeconds: 5,
          healthyThreshold: 5,
          unhealthyThreshold: 2,
          matcher: '200',
        },
        targets: [{ id: '127.0.0.1', address: '127.0.0.1', port: targetPort, registeredAt: 0 }],
      },
    ],
    trustStores: [],
    certificates: [],
    webAcls: isInspecting ? [webAcl] : [],
    distributions: [],
    zones: [],
  };
}

/** One edge process as an instance would start it. */
export async function bailey(folder: string, targetPort: number, isInspecting: boolean): Promise<Measured> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  let isReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const hub = new Hub({
    folder,
    reported: ({ listeners }) => {
      if (listeners.some(({ state }) => state === 'listening')) isReady();
    },
    joined: () => undefined,
    left: () => undefined,
  });
  await hub.open();
  hub.publish(snapshot(port, targetPort, folder, isInspecting));
  const entry = fileURLToPath(new URL('../../src/edge/process.ts', import.meta.url));
  const profile = process.env.BAILEY_BENCH_PROFILE;
  const child = spawn(
    process.execPath,
    [
      ...edgeFlags,
      ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]),
      entry,
      folder,
      '0',
      '1',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await ready;
  const pid = child.pid as number;
  return {
    port,
    cpuMicros: () => cpuOf(pid),
    async stop() {
      await hub.close(500);
      await ended(child);
    },
  };
}

const modules = '/usr/lib/nginx/modules';
const modSecurity = join(modules, 'ngx_http_modsecurity_module.so');

export const hasNginx = (): boolean => existsSync('/usr/sbin/nginx');
/** Where Debian's packages put the rules and their settings. */
const coreRules = { settings: '/etc/modsecurity/crs/crs-setup.conf', rules: '/usr/share/modsecurity-crs/rules' };

export const hasModSecurity = (): boolean =>
  hasNginx() && existsSync(modSecurity) && Object.values(coreRules).every((path) => existsSync(path));

/** One worker, everything in a folder of its own. */
export async function nginx(folder: string, targetPort: number, isInspecting: boolean): Promise<Measured> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  const rules = join(folder, 'modsecurity.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  writeFileSync(
    rules,
    [
      'SecRuleEngine On',
      'SecRequestBodyAccess On',
      'SecResponseBodyAccess Off',
      'SecRequestBodyLimit 13107200',
      'SecRequestBodyNoFilesLimit 131072',
      'SecAuditEngine Off',
      'SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"',
      'SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"',
      `Include ${coreRules.settings}`,
      `Include ${coreRules.rules}/*.conf`,
    ].join('\n'),
  );
  writeFileSync(
    file,
    [
      ...(isInspecting ? [`load_module ${modSecurity};`] : []),
      `pid ${join(folder, 'nginx.pid')};`,
      'worker_processes 1;',
      'daemon off;',
      'error_log /dev/null;',
      'events { worker_connections 1024; }',
      'http {',
      'access_log off;',
      ...paths,
      'client_body_buffer_size 128k;',
      'large_client_header_buffers 8 64k;',
      `upstream target { server 127.0.0.1:${targetPort}; keepalive 64; }`,
      `server { listen 127.0.0.1:${port};`,
      'keepalive_requests 1000000;',
      ...(isInspecting ? ['modsecurity on;', `modsecurity_rules_file ${rules};`] : []),
      'location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }',
      '} }',
    ].join('\n'),
  );
  const child = spawn('/usr/sbin/nginx', ['-c', file, '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const worker = await workerOf(child.pid as number);
  return {
    port,
    cpuMicros: () => cpuOf(worker),
    async stop() {
      child.kill('SIGTERM');
      await ended(child);
    },
  };
}

async function workerOf(pid: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    if (children[0] !== undefined) return Number(children[0]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx has started no worker');
}
