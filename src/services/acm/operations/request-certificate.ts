/** RequestCertificate and ResendValidationEmail. */
import type {
  RequestCertificateRequest,
  RequestCertificateResponse,
  ResendValidationEmailRequest,
} from '@aws-sdk/client-acm';
import { isNameOfAws } from '../../../engines/text/aws-names.ts';
import { type Call, type Decoded, operation } from '../../service.ts';
import {
  conflict,
  invalidDomainOptions,
  invalidParameter,
  invalidState,
  limitExceeded,
  notBuilt,
  validation,
} from '../errors.ts';
import { accountCheck, certificateCheck, findCertificate } from '../find.ts';
import { requireRoom } from '../issuing.ts';
import type { AcmPorts } from '../ports.ts';
import { mailAddresses, requireMailDomain } from '../proofs.ts';
import {
  type CertificateRow,
  certificateArn,
  certificates,
  type DomainProof,
  type KeyAlgorithm,
  pathOf,
  pending,
  regional,
  requests,
} from '../state.ts';
import { mergeTags, requestTags } from '../tags.ts';

type Input = Decoded<RequestCertificateRequest>;

/** "The initial quota is 10 domain names." */
const mostNames = 10;
const hourMs = 3_600_000;
const requestable: ReadonlySet<string> = new Set(['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']);

const namesOf = ({ DomainName, SubjectAlternativeNames = [] }: Input): string[] => [
  ...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase())),
];

export const RequestCertificate = operation<RequestCertificateRequest, RequestCertificateResponse, AcmPorts>({
  checks: (input, call) => [
    accountCheck(call, 'RequestCertificate', {
      ...requestTags(input.Tags),
      'acm:CertificateAuthority': input.CertificateAuthorityArn,
      'acm:CertificateKeyPairOrigin': 'AWS_MANAGED',
      'acm:CertificateTransparencyLogging': input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
      'acm:DomainNames': namesOf(input),
      'acm:Export': input.Options?.Export ?? 'DISABLED',
      'acm:KeyAlgorithm': input.KeyAlgorithm ?? 'RSA_2048',
      'acm:ValidationMethod': input.ValidationMethod ?? 'EMAIL',
    }),
  ],
  async handle(input, call, ports) {
    const { change, scope, now } = call;
    const token = input.IdempotencyToken && `RequestCertificate/${input.IdempotencyToken}`;
    const { IdempotencyToken: _token, ...rest } = input;
    const fingerprint = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
    const before = token === undefined ? undefined : await change.get(requests, regional(scope), token);
    if (before && before.until > now) {
      if (before.input !== fingerprint) throw conflict('The idempotency token was used with other parameters.');
      return { CertificateArn: certificateArn({ ...scope, id: before.id }) };
    }
    const row = read(input, call, ports);
    await requireRoom(call, row.type);
    change.put(certificates, regional(row), row.id, row);
    if (row.status === 'PENDING_VALIDATION') {
      change.put(pending, '', pathOf(row), {});
      await call.once('mail', () => sendMails(ports, row, row.proofs));
    }
    if (token !== undefined) {
      change.put(requests, regional(scope), token, { id: row.id, input: fingerprint, until: now + hourMs });
    }
    return { CertificateArn: certificateArn(row) };
  },
});

function read(input: Input, call: Call, ports: AcmPorts): CertificateRow {
  const { account, region } = call.scope;
  if (input.CertificateAuthorityArn !== undefined) throw notBuilt('A private certificate authority');
  if (input.ManagedBy !== undefined || input.ValidationMethod === 'HTTP') throw notBuilt('Validation over HTTP');
  if (input.DomainName.length > 64) {
    throw validation('The domain name is longer than 64 characters: name it as a subject alternative name.');
  }
  const keyAlgorithm = (input.KeyAlgorithm ?? 'RSA_2048') as KeyAlgorithm;
  if (!requestable.has(keyAlgorithm)) throw validation(`The key algorithm ${keyAlgorithm} cannot be requested.`);
  const names = namesOf(input);
  if (names.length > mostNames) throw limitExceeded(`A certificate has at most ${mostNames} domain names.`);
  if (input.Options?.ValidationMethod !== undefined) {
    throw invalidParameter('The validation method of a request is not an option of it.');
  }
  const isPublic = isSignedInPublic(names, ports);
  const isRefused = names.some((name) => isNameOfAws(name) || ports.isOwnName(name));
  return {
    account,
    region,
    id: call.random.uuid(),
    type: 'AMAZON_ISSUED',
    domainName: input.DomainName.toLowerCase(),
    names,
    keyAlgorithm,
    status: isRefused ? 'FAILED' : 'PENDING_VALIDATION',
    ...(isPublic && { isPublic }),
    ...(isRefused && { failureReason: 'DOMAIN_NOT_ALLOWED' }),
    createdAt: call.now,
    proofs: proofsOf(input, names, isRefused),
    options: {
      transparency: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
      export: input.Options?.Export ?? 'DISABLED',
    },
    isExported: false,
    tags: mergeTags({}, input.Tags),
  };
}

/** Whoever trusts the one authority need not trust the other: a certificate has one. */
function isSignedInPublic(names: readonly string[], { publicAuthority }: AcmPorts): true | undefined {
  const left = names.filter((name) => !publicAuthority?.signsFor(name));
  if (left.length > 0 && left.length < names.length) {
    throw validation(
      `The public authority of this instance does not sign for ${left.join(', ')}: request a certificate of its own for it.`,
    );
  }
  return left.length === 0 ? true : undefined;
}

function proofsOf(input: Input, names: readonly string[], isRefused: boolean): DomainProof[] {
  const mailDomains = new Map(
    (input.DomainValidationOptions ?? []).map(({ DomainName = '', ValidationDomain = '' }) => [
      DomainName.toLowerCase(),
      ValidationDomain.toLowerCase(),
    ]),
  );
  for (const [domain, mailDomain] of mailDomains) {
    if (!names.includes(domain)) throw invalidDomainOptions(`${domain} is not a domain name of this request.`);
    requireMailDomain(domain, mailDomain);
  }
  return names.map((domain) => ({
    domain,
    method: input.ValidationMethod === 'DNS' ? 'DNS' : 'EMAIL',
    status: isRefused ? 'FAILED' : 'PENDING_VALIDATION',
    mailDomain: mailDomains.get(domain) ?? domain.replace(/^\*\./, ''),
  }));
}

async function sendMails(ports: AcmPorts, row: CertificateRow, proofs: readonly DomainProof[]): Promise<void> {
  for (const { domain, method, mailDomain } of proofs) {
    if (method !== 'EMAIL') continue;
    const link = ports.approvalLink({ path: pathOf(row), domain });
    for (const address of mailAddresses(mailDomain)) {
      await ports.mail(
        address,
        `Certificate request for ${domain}`,
        [
          `Account ${row.account} has requested a certificate for ${domain} in ${row.region}.`,
          `If this is right, approve it there: ${link}`,
          'Otherwise there is nothing to do: the request ends by itself after 72 hours.',
        ].join('\n'),
      );
    }
  }
}

export const ResendValidationEmail = operation<ResendValidationEmailRequest, object, AcmPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'ResendValidationEmail', input.CertificateArn)],
  async handle(input, call, ports) {
    const row = await findCertificate(call, input.CertificateArn);
    const domain = input.Domain.toLowerCase();
    const proof = row.proofs.find((one) => one.domain === domain);
    if (row.status !== 'PENDING_VALIDATION' || (proof && proof.method !== 'EMAIL')) {
      throw invalidState('The certificate is not waiting for validation by email.');
    }
    if (!proof) throw invalidDomainOptions(`${domain} is not a domain name of the certificate.`);
    const mailDomain = input.ValidationDomain.toLowerCase();
    requireMailDomain(domain, mailDomain);
    const changed = { ...proof, mailDomain };
    const proofs = row.proofs.map((one) => (one === proof ? changed : one));
    call.change.put(certificates, regional(row), row.id, { ...row, proofs });
    await call.once('mail', () => sendMails(ports, row, [changed]));
    return {};
  },
});
