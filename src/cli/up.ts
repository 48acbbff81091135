/** `bailey up`: starts an instance in this process and says how to reach it. */
import { resolve } from 'node:path';
import { start } from '../main.ts';
import { markLater } from './heap.ts';

export interface UpOptions {
  readonly data: string;
  readonly rootKey?: string;
  readonly passphraseFile?: string;
  readonly port: number;
  readonly host: string;
  readonly config?: string;
  readonly readyJson?: true;
  readonly testApi?: true;
  readonly metricsPort: number;
  readonly tls?: true;
  readonly tlsOnly?: true;
  readonly tlsPort: number;
  readonly dnsPort: number;
  readonly cloudfrontPort: number;
  readonly cloudfrontTlsPort: number;
}

/** Returns once the instance has ended, by SIGTERM or SIGINT. */
export async function up(options: UpOptions): Promise<number> {
  markLater();
  const passphraseFile = options.passphraseFile ?? process.env.BAILEY_PASSPHRASE_FILE;
  const instance = await start({
    dataDir: resolve(options.data),
    port: options.port,
    host: options.host,
    metricsPort: options.metricsPort,
    testApi: options.testApi === true,
    tls: options.tls === true,
    tlsOnly: options.tlsOnly === true,
    tlsPort: options.tlsPort,
    dnsPort: options.dnsPort,
    cloudfront: { port: options.cloudfrontPort, securePort: options.cloudfrontTlsPort },
    ...(passphraseFile ? { passphraseFile: resolve(passphraseFile) } : {}),
    ...(options.rootKey ? { rootKeyFile: resolve(options.rootKey) } : {}),
    ...(options.config ? { configFile: options.config } : {}),
  });
  if (options.readyJson) {
    const { endpoint, accountId, dataDir, credentialsFile } = instance;
    const { metricsEndpoint, xksProxyEndpoint, tlsEndpoint, caFile, vpcListeners } = instance;
    const ready = {
      endpoint,
      accountId,
      dataDir,
      credentialsFile,
      pid: process.pid,
      metricsEndpoint,
      xksProxyEndpoint,
      tlsEndpoint,
      caFile,
      vpcListeners,
    };
    console.log(JSON.stringify(ready));
  } else console.log(banner(instance, options));

  await new Promise<void>((ended) => {
    process.once('SIGTERM', ended);
    process.once('SIGINT', ended);
  });
  await instance.close();
  return 0;
}

function banner(instance: Awaited<ReturnType<typeof start>>, options: UpOptions): string {
  const lines = [
    `Bailey is ready: ${instance.endpoint}  (account ${instance.accountId})`,
    'Enforcement is on: every call needs a valid signature and an Allow.',
  ];
  if (options.testApi) lines.push('The test API is open: POST /_bailey/reset and /_bailey/clock.');
  if (instance.rootCredentialsFile) lines.push(`  root user   ${instance.rootCredentialsFile}`);
  if (instance.tlsEndpoint !== undefined && instance.tlsEndpoint !== instance.endpoint) {
    lines.push(`  TLS         ${instance.tlsEndpoint}`);
  }
  for (const one of instance.vpcListeners ?? []) lines.push(`  in a VPC    ${one}`);
  if (instance.caFile) lines.push(`  authority   ${instance.caFile}`);
  if (instance.xksProxyEndpoint) lines.push(`  XKS proxy   ${instance.xksProxyEndpoint}`);
  lines.push(`  profile     ${instance.credentialsFile}`, '', 'Try, in another terminal:');
  const shared = instance.credentialsFile.replace(/\/credentials$/, '');
  lines.push(
    `  export AWS_SHARED_CREDENTIALS_FILE=${instance.credentialsFile} AWS_CONFIG_FILE=${shared}/config AWS_ENDPOINT_URL=${instance.endpoint}`,
    '  aws sts get-caller-identity',
    '  aws iam create-user --user-name rudy',
    '  npm run -s bailey -- coverage',
  );
  return lines.join('\n');
}
