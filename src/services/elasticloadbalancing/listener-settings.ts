/** What a listener speaks: protocol, certificate, security policy, ALPN and mutual authentication, checked as AWS does. */
import type { Certificate, MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type CheckCall } from '../service.ts';
import {
  certificateNotFound,
  invalidConfiguration,
  notBuilt,
  sslPolicyNotFound,
  tooMany,
  unsupportedProtocol,
  validation,
} from './errors.ts';
import { findTrustStore } from './find.ts';
import { isSecure } from './listeners.ts';
import type { ElbPorts } from './ports.ts';
import { defaultPolicy, sslPolicy } from './ssl-policies.ts';
import type { ListenerProtocol, ListenerRow, LoadBalancerType, MutualAuthentication } from './state.ts';

type Asking = Pick<CheckCall, 'change' | 'scope'>;

const protocols: Readonly<Record<LoadBalancerType, readonly string[]>> = {
  application: ['HTTPS', 'HTTP'],
  network: ['TCP', 'TLS', 'UDP', 'TCP_UDP'],
};
const unbuilt: ReadonlySet<string> = new Set(['GENEVE', 'QUIC', 'TCP_QUIC']);

/** @throws AwsError ValidationError, UnsupportedProtocol, NotImplemented */
export function readProtocol(given: string, type: LoadBalancerType): ListenerProtocol {
  if (type === 'network' && unbuilt.has(given)) throw notBuilt(`The listener protocol '${given}'`);
  if (!protocols[type].includes(given)) {
    throw validation(`Listener protocol '${given}' must be one of '${protocols[type].join(', ')}'`);
  }
  return given as ListenerProtocol;
}

export interface SpeechInput {
  readonly SslPolicy?: string | undefined;
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: MutualAuthenticationAttributes | undefined;
}

export type Speech = Pick<
  ListenerRow,
  'protocol' | 'sslPolicy' | 'certificate' | 'alpnPolicy' | 'mutualAuthentication'
>;

/**
 * What the request says, upon what the listener had if it goes on to speak TLS.
 * @throws AwsError CertificateNotFound, SSLPolicyNotFound, ALPNPolicyNotSupported, TrustStoreNotFound, ValidationError …
 */
export async function readSpeech(
  call: Asking,
  ports: Pick<ElbPorts, 'certificates'>,
  protocol: ListenerProtocol,
  input: SpeechInput,
  before?: ListenerRow,
): Promise<Speech> {
  if (!isSecure(protocol)) {
    refuse(input.Certificates?.length, 'A certificate', protocol);
    refuse(input.SslPolicy, 'An SSL policy', protocol);
    refuse(input.AlpnPolicy?.length, 'An ALPN policy', protocol);
    if (input.MutualAuthentication && (input.MutualAuthentication.Mode ?? 'off') !== 'off') {
      throw invalidConfiguration(`Mutual authentication is not supported on listeners with the ${protocol} protocol`);
    }
    return { protocol };
  }
  const policy = input.SslPolicy ?? before?.sslPolicy ?? defaultPolicy;
  if (!sslPolicy(policy)) throw sslPolicyNotFound(policy);
  const certificate = await readCertificate(call, ports, protocol, input.Certificates, before?.certificate);
  const alpn = readAlpn(protocol, input.AlpnPolicy) ?? (protocol === 'TLS' ? before?.alpnPolicy : undefined);
  return {
    protocol,
    sslPolicy: policy,
    certificate,
    ...(alpn !== undefined && { alpnPolicy: alpn }),
    ...(protocol === 'HTTPS' && {
      mutualAuthentication: input.MutualAuthentication
        ? await readMutual(call, input.MutualAuthentication)
        : (before?.mutualAuthentication ?? { mode: 'off' as const }),
    }),
  };
}

function refuse(given: unknown, what: string, protocol: string): void {
  if (given) throw validation(`${what} cannot be specified for ${protocol} listeners`);
}

async function readCertificate(
  call: Asking,
  ports: Pick<ElbPorts, 'certificates'>,
  protocol: string,
  given: readonly Certificate[] | undefined,
  before: string | undefined,
): Promise<string> {
  if (!given || given.length === 0) {
    if (before === undefined) throw validation(`A certificate must be specified for ${protocol} listeners`);
    return before;
  }
  if (given.length > 1) throw tooMany('TooManyCertificates', 1, 'certificates in this request');
  return requireCertificate(call, ports, given[0]);
}

/** @returns the ARN. @throws AwsError CertificateNotFound, UnsupportedCertificate, ValidationError */
export async function requireCertificate(
  { change, scope }: Asking,
  { certificates }: Pick<ElbPorts, 'certificates'>,
  given: Certificate | undefined,
): Promise<string> {
  if (given?.IsDefault !== undefined) throw validation("'IsDefault' cannot be specified for a certificate");
  const arn = given?.CertificateArn;
  if (arn === undefined) throw validation('A certificate ARN must be specified');
  const found = await certificates.find(change, arn);
  const isHere = found?.account === scope.account && isOfRegion(arn, scope.region);
  if (!found || !isHere) throw certificateNotFound(arn);
  if (!found.isUsable) {
    throw new AwsError(
      'UnsupportedCertificate',
      `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
      { status: 400 },
    );
  }
  return arn;
}

/** Certificates of IAM are of no region. */
const isOfRegion = (arn: string, region: string): boolean => ['', region].includes(arn.split(':')[3] ?? 'none');

const alpnPolicies = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None'];

function readAlpn(protocol: string, given: readonly string[] | undefined): string | undefined {
  if (!given || given.length === 0) return undefined;
  const unsupported = (message: string): AwsError => new AwsError('ALPNPolicyNotSupported', message, { status: 400 });
  if (protocol !== 'TLS')
    throw unsupported(`ALPN policies are not supported on listeners with the ${protocol} protocol`);
  const [name = ''] = given;
  if (given.length > 1) throw validation('You can specify only one ALPN policy');
  if (!alpnPolicies.includes(name)) throw unsupported(`ALPN policy '${name}' is not supported`);
  if (name !== 'None') throw notBuilt(`The ALPN policy '${name}'`);
  return name;
}

async function readMutual(call: Asking, given: MutualAuthenticationAttributes): Promise<MutualAuthentication> {
  const { Mode = 'off', TrustStoreArn, IgnoreClientCertificateExpiry, AdvertiseTrustStoreCaNames } = given;
  if (Mode !== 'off' && Mode !== 'passthrough' && Mode !== 'verify') {
    throw validation(`Mutual authentication mode '${Mode}' must be one of [off, passthrough, verify]`);
  }
  if (Mode !== 'verify') {
    if (TrustStoreArn !== undefined) {
      throw validation(`A trust store cannot be specified for the mutual authentication mode '${Mode}'`);
    }
    return { mode: Mode };
  }
  if (TrustStoreArn === undefined) {
    throw validation("A trust store ARN must be specified for the mutual authentication mode 'verify'");
  }
  await findTrustStore(call, TrustStoreArn);
  return {
    mode: Mode,
    trustStoreArn: TrustStoreArn,
    ignoreClientCertificateExpiry: IgnoreClientCertificateExpiry ?? false,
    advertiseTrustStoreCaNames: AdvertiseTrustStoreCaNames ?? 'off',
  };
}

/** Of a listener without certificates. */
export function requireSecure({ protocol }: Pick<ListenerRow, 'protocol'>): void {
  if (!isSecure(protocol)) {
    throw unsupportedProtocol(`Certificates are not supported on listeners with the ${protocol} protocol`);
  }
}
