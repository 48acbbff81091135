/** What viewers see: the names of a distribution, and the certificate that must be good for them. */
import type { ViewerCertificate } from '@aws-sdk/client-cloudfront';
import { AwsError, type CheckCall } from '../../service.ts';
import { invalid, invalidCertificate, tooMany, unserved } from '../errors.ts';
import type { CloudFrontPorts, ViewerCertificateFacts } from '../ports.ts';
import { quotas } from '../quotas.ts';

/** @throws AwsError InvalidArgument, TooManyDistributionCNAMEs */
export function acceptAliases(given: readonly string[]): readonly string[] {
  if (given.length > quotas.aliases) {
    throw tooMany('TooManyDistributionCNAMEs', 'Your request contains more CNAMEs than are allowed per distribution.');
  }
  const seen = new Set(given.map((name) => name.toLowerCase()));
  if (seen.size < given.length) throw invalid('The parameter CNAME contains a name twice.');
  for (const name of seen)
    if (!isAlias(name)) throw invalid('The parameter CNAME contains one or more parameters that are not valid.');
  return given;
}

/** @param name in lower case */
export function isAlias(name: string): boolean {
  const labels = name.replace(/^\*\./, '').split('.');
  const isName = labels.length > 1 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return isName && name.length <= 253 && !/(?:^|\.)cloudfront\.net$/.test(name) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** What AWS shows of distributions that have no certificate of their own. */
const standard: ViewerCertificate = {
  CloudFrontDefaultCertificate: true,
  SSLSupportMethod: 'vip',
  MinimumProtocolVersion: 'TLSv1',
  CertificateSource: 'cloudfront',
};

interface Accepted {
  readonly certificate: ViewerCertificate;
  /** ARN. */
  readonly arn: string | undefined;
}

/** @throws AwsError InvalidViewerCertificate, InvalidArgument, InvalidMinimumProtocolVersion */
export async function acceptCertificate(
  given: ViewerCertificate | undefined,
  names: readonly string[],
  call: CheckCall,
  ports: CloudFrontPorts,
): Promise<Accepted> {
  const managed = given?.ACMCertificateArn ?? (given?.CertificateSource === 'acm' ? given.Certificate : undefined);
  const uploaded = given?.IAMCertificateId ?? (given?.CertificateSource === 'iam' ? given.Certificate : undefined);
  if (!managed && !uploaded) {
    if (names.length === 0) return { certificate: standard, arn: undefined };
    throw invalidCertificate(
      'To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.',
    );
  }
  if ((managed && uploaded) || given?.CloudFrontDefaultCertificate) {
    throw invalidCertificate('A distribution shows one certificate: of ACM, of IAM, or the default one.');
  }
  const { SSLSupportMethod: method, MinimumProtocolVersion: minimum = 'TLSv1' } = given ?? {};
  if (method === undefined) throw invalid('The parameter SSLSupportMethod is required with a certificate.');
  if (method !== 'sni-only')
    throw unserved(`SSLSupportMethod ${method}`, 'Distributions share an address: say sni-only.');
  if (minimum === 'SSLv3') {
    throw new AwsError('InvalidMinimumProtocolVersion', 'The minimum protocol version specified is not valid.');
  }
  if (minimum === 'TLSv1.3_2025') {
    throw unserved('MinimumProtocolVersion TLSv1.3_2025', 'Distributions share a port that speaks TLS 1.2 and 1.3.');
  }
  const facts = managed
    ? await ports.certificate(call.change, managed)
    : await ports.serverCertificate(call.change, call.scope.account, uploaded ?? '');
  requireGood(facts, names, call.scope.account);
  await requireOwn(names, call, ports);
  const source = managed
    ? ({ ACMCertificateArn: managed, Certificate: managed, CertificateSource: 'acm' } as const)
    : ({ IAMCertificateId: uploaded, Certificate: uploaded, CertificateSource: 'iam' } as const);
  return {
    certificate: {
      CloudFrontDefaultCertificate: false,
      ...source,
      SSLSupportMethod: method,
      MinimumProtocolVersion: minimum,
    },
    arn: facts.arn,
  };
}

function requireGood(
  facts: ViewerCertificateFacts | undefined,
  names: readonly string[],
  account: string,
): asserts facts is ViewerCertificateFacts {
  const isHere = facts?.account === account && facts.isUsable && /^arn:aws:(?:acm:us-east-1|iam:):/.test(facts.arn);
  if (!isHere) {
    throw invalidCertificate(
      "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
    );
  }
  if (!names.every((name) => isCovered(name, facts.names))) {
    throw invalidCertificate(
      "The certificate that is attached to your distribution doesn't cover the alternate domain name (CNAME) that you're trying to add.",
    );
  }
}

/** Certificates that somebody signed by themselves prove nothing: a name in a zone of this instance is its owner's. */
async function requireOwn(
  names: readonly string[],
  { change, scope }: CheckCall,
  ports: CloudFrontPorts,
): Promise<void> {
  for (const name of names) {
    const owner = await ports.ownerOf(change, name.toLowerCase().replace(/^\*\./, ''));
    if (owner !== undefined && owner !== scope.account) {
      throw invalidCertificate(`The name ${name} lies in a hosted zone of another account, to which it belongs here.`);
    }
  }
}

/** A wildcard of a certificate stands for one label. */
function isCovered(name: string, certified: readonly string[]): boolean {
  const lower = name.toLowerCase();
  const wild = `*${lower.slice(lower.indexOf('.'))}`;
  return certified.some((one) => one === lower || one === wild);
}
