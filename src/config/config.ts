/** The configuration file (`--config FILE`): YAML, validated against the published schema, refused with a line number. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type * as Yaml from 'yaml';
import { type CertificatesConfig, withCertificateFiles } from './certificates.ts';
import { type EdgeConfig, withEdgeFiles } from './edge.ts';
import type { InstanceConfig, PacketsConfig } from './instances.ts';
import type { KmsConfig, KmsKeyConfig } from './keys.ts';
import type { ListenerConfig } from './listeners.ts';
import { type SeedFileKey, seedFileKeys, seedFileShape } from './local-kms-seed.ts';
import type { RegionConfig } from './regions.ts';
import { type Check, configuration, type Shape } from './schema.ts';
import type { ShieldConfig } from './shield.ts';
import { type TransportConfig, withFiles } from './transport.ts';
import type { VaultConfig } from './vault.ts';
import type { WafConfig } from './waf.ts';

/** What the operator wrote, with every member checked. */
export interface Config {
  readonly region?: string;
  /** All of AWS's by default. */
  readonly regions?: readonly RegionConfig[];
  /** `FRA`, `FRA50-C1` … */
  readonly edgeLocations?: readonly string[];
  readonly accounts?: readonly AccountConfig[];
  /** Peers that may set aws:SourceIp and aws:SecureTransport by X-Forwarded-For and -Proto. */
  readonly trustedProxies?: readonly string[];
  /** Names under which this instance is reached: `bucket.NAME` is a bucket's virtual host. */
  readonly hosts?: readonly string[];
  readonly signatureV2?: boolean;
  readonly rootOnlySupportPlans?: boolean;
  readonly cloudtrail?: { readonly deliverySeconds?: number };
  readonly kms?: KmsConfig;
  readonly waf?: WafConfig;
  readonly vault?: VaultConfig;
  readonly keyStores?: KeyStoresConfig;
  readonly xksProxy?: XksProxyConfig;
  readonly tls?: TransportConfig;
  readonly certificates?: CertificatesConfig;
  readonly edge?: EdgeConfig;
  readonly instances?: readonly InstanceConfig[];
  readonly listeners?: readonly ListenerConfig[];
  readonly packets?: PacketsConfig;
  readonly shield?: ShieldConfig;
}

interface KeyStoresConfig {
  /** How long external key store proxies may take to answer; 250 by default. */
  readonly timeoutMs?: number;
  readonly proxies?: readonly ProxyPlaceConfig[];
  readonly clusters?: readonly ClusterConfig[];
}

/** A PKCS #11 token that stands for a CloudHSM cluster. */
interface ClusterConfig {
  /** `cluster-1a23b4cdefg` */
  readonly id: string;
  readonly account: string;
  /** The vendor's shared library. */
  readonly module: string;
  /** The token's label. */
  readonly token: string;
  /** For libraries that take `user:password` for a PIN. */
  readonly user?: string;
  /** File, PEM. */
  readonly trustAnchor?: string;
  /** What the library reads from its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where the proxy of an endpoint is reached, if not at the endpoint's public address. */
interface ProxyPlaceConfig {
  /** `https://xks.example.com`, as key stores name it. */
  readonly endpoint: string;
  /** `https://10.1.2.3:8443`; `http:` on loopback only. */
  readonly address?: string;
  /** File of the certificate authorities (PEM) that vouch for it. */
  readonly ca?: string;
  /** Key stores of VPC_ENDPOINT_SERVICE connectivity name this. */
  readonly vpcEndpointService?: string;
}

/** This instance as an external key store of others. */
interface XksProxyConfig {
  /** 0 picks a free one. */
  readonly port: number;
  /** 127.0.0.1 by default; anything but loopback needs a certificate. */
  readonly host?: string;
  /** Files, PEM. */
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly stores: readonly {
    /** What stands before `/kms/xks/v1`. */
    readonly prefix?: string;
    readonly credentials: readonly KeyConfig[];
    /** Id of the external key, and ARN of the KMS key that it is, or of an alias. */
    readonly keys?: readonly { readonly id: string; readonly key: string }[];
  }[];
}

export interface AccountConfig {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly rootPassword?: string;
  readonly rootAccessKeys?: readonly KeyConfig[];
  readonly users?: readonly UserConfig[];
  readonly groups?: readonly GroupConfig[];
  readonly roles?: readonly RoleConfig[];
  readonly policies?: readonly PolicyConfig[];
  readonly keys?: readonly KmsKeyConfig[];
}

interface KeyConfig {
  readonly id: string;
  readonly secret: string;
}

interface UserConfig {
  readonly name: string;
  readonly path?: string;
  readonly policies?: readonly string[];
  readonly inlinePolicies?: readonly InlinePolicyConfig[];
  readonly groups?: readonly string[];
  readonly permissionsBoundary?: string;
  readonly accessKeys?: readonly KeyConfig[];
  readonly tags?: Readonly<Record<string, string>>;
}

interface GroupConfig {
  readonly name: string;
  readonly path?: string;
  readonly policies?: readonly string[];
  readonly inlinePolicies?: readonly InlinePolicyConfig[];
}

interface RoleConfig {
  readonly name: string;
  readonly path?: string;
  /** Trust policy, as text or as YAML. */
  readonly trustPolicy: string;
  readonly policies?: readonly string[];
  readonly inlinePolicies?: readonly InlinePolicyConfig[];
  readonly permissionsBoundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface PolicyConfig {
  readonly name: string;
  readonly path?: string;
  readonly document: string;
}

interface InlinePolicyConfig {
  readonly name: string;
  readonly document: string;
}

/** The file is not a valid configuration; the message names file, line and column. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const longest = 4 * 1024 * 1024;

/** Reads and validates; throws ConfigError. */
export function readConfig(path: string): Config {
  const text = readText(path);
  const config = parseConfig(text, path);
  const beside = (file: string): string => resolve(dirname(path), file);
  const seedFile = config.kms?.seedFile;
  return {
    ...config,
    ...(seedFile !== undefined && { kms: { ...config.kms, seedFile: beside(seedFile) } }),
    ...(config.tls && { tls: withFiles(config.tls, beside) }),
    ...(config.certificates && { certificates: withCertificateFiles(config.certificates, beside) }),
    ...(config.edge && { edge: withEdgeFiles(config.edge, beside) }),
  };
}

/** Reads a seed file of local-kms; throws ConfigError with the line that is wrong. */
export function readSeedFile(path: string): readonly SeedFileKey[] {
  const content = parse(readText(path), path, (root) => {
    const { isMap, isSeq } = yaml();
    return seedFileShape(isMap(root) && isSeq(root.get('Keys')));
  });
  try {
    return content === undefined ? [] : seedFileKeys(content);
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message}`);
  }
}

/** @param name how errors call the file */
export function parseConfig(text: string, name: string): Config {
  return (parse(text, name, () => configuration) ?? {}) as Config;
}

const require = createRequire(import.meta.url);

/** Loaded for the first file: it weighs 9 MB, and an instance may well have none. */
const yaml = (): typeof Yaml => require('yaml') as typeof Yaml;

/** Undefined for an empty file. */
function parse(text: string, name: string, shapeOf: (root: unknown) => Shape): unknown {
  if (text.length > longest) throw new ConfigError(`${name}: longer than ${longest} characters`);
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, maxAliasCount: 100 } as never);
  const [broken] = document.errors;
  if (broken) throw new ConfigError(`${name}: ${broken.message}`);
  if (document.contents === null) return undefined;
  const fail = (node: unknown, message: string): never => {
    const offset = (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(offset);
    throw new ConfigError(`${name}:${line}:${col}: ${message}`);
  };
  return convert(document.contents as Yaml.Node, shapeOf(document.contents), '', fail);
}

type Fail = (node: unknown, message: string) => never;

function convert(node: unknown, shape: Shape, path: string, fail: Fail): unknown {
  const at = path || 'the configuration';
  const { isMap, isScalar, isSeq } = yaml();
  switch (shape.type) {
    case 'object': {
      if (!isMap(node)) return fail(node, `${at} must be a mapping`);
      const result: Record<string, unknown> = Object.create(null);
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : '';
        const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
        if (!member) {
          return fail(
            pair.key,
            `${key || 'this key'} is not known in ${at}; known are ${Object.keys(shape.members).join(', ')}`,
          );
        }
        result[key] = convert(pair.value, member, path ? `${path}.${key}` : key, fail);
      }
      for (const key of shape.required ?? []) if (!(key in result)) return fail(node, `${at} lacks ${key}`);
      return result;
    }
    case 'list': {
      if (!isSeq(node)) return fail(node, `${at} must be a list`);
      return node.items.map((item, index) => convert(item, shape.of, `${path}[${index}]`, fail));
    }
    case 'tags': {
      if (!isMap(node)) return fail(node, `${at} must be a mapping of tag keys to values`);
      const result: Record<string, string> = {};
      for (const pair of node.items) {
        if (!isScalar(pair.key) || !isScalar(pair.value)) return fail(pair.key, `${at}: tags are plain text`);
        result[String(pair.key.value)] = String(pair.value.value ?? '');
      }
      return result;
    }
    case 'document':
      if (isScalar(node) && typeof node.value === 'string') return node.value;
      if (isMap(node)) return JSON.stringify(node.toJSON());
      return fail(node, `${at} must be a policy document, as text or as a mapping`);
    default:
      return scalar(node, shape, at, fail);
  }
}

function scalar(node: unknown, shape: Check, at: string, fail: Fail): unknown {
  const { isScalar } = yaml();
  const plain = isScalar(node) ? node.value : undefined;
  const isDigits = shape.type === 'text' && shape.asWritten && typeof plain === 'number';
  const value = isDigits && isScalar(node) ? node.source : plain;
  if (shape.type === 'text') {
    if (typeof value !== 'string') return fail(node, `${at} must be text (put it in quotes)`);
    const problem = shape.problem?.(value);
    return problem ? fail(node, `${at} ${problem}`) : value;
  }
  if (shape.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < shape.least) {
      return fail(node, `${at} must be a number of at least ${shape.least}`);
    }
    return value;
  }
  return typeof value === 'boolean' ? value : fail(node, `${at} must be true or false`);
}
