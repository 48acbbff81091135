/** DescribeCertificate, GetCertificate, ListCertificateDomainValidations. */
import type {
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  GetCertificateRequest,
  GetCertificateResponse,
  ListCertificateDomainValidationsRequest,
  ListCertificateDomainValidationsResponse,
  ValidationChallenge,
} from '@aws-sdk/client-acm';
import { operation } from '../../service.ts';
import { inProgress } from '../errors.ts';
import { certificateCheck, findCertificate } from '../find.ts';
import { pageOf } from '../pages.ts';
import type { AcmPorts } from '../ports.ts';
import { mailAddresses, recordOf, statusOf } from '../proofs.ts';
import { shownCertificate } from '../shapes.ts';
import { certificateArn, type DomainProof } from '../state.ts';

export const DescribeCertificate = operation<DescribeCertificateRequest, DescribeCertificateResponse, AcmPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'DescribeCertificate', input.CertificateArn)],
  async handle(input, call, ports) {
    const row = await findCertificate(call, input.CertificateArn);
    const users = await ports.users(call.change, certificateArn(row));
    return { Certificate: shownCertificate(row, users, call.now) };
  },
});

export const GetCertificate = operation<GetCertificateRequest, GetCertificateResponse, AcmPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'GetCertificate', input.CertificateArn)],
  async handle(input, call) {
    const { content } = await findCertificate(call, input.CertificateArn);
    if (!content) throw inProgress(`Certificate ${input.CertificateArn} has not been issued.`);
    return {
      Certificate: `${content.body}\n`,
      ...(content.chain !== undefined && { CertificateChain: `${content.chain}\n` }),
    };
  },
});

export const ListCertificateDomainValidations = operation<
  ListCertificateDomainValidationsRequest,
  ListCertificateDomainValidationsResponse,
  AcmPorts
>({
  checks: async (input, call) => [
    await certificateCheck(call, 'ListCertificateDomainValidations', input.CertificateArn),
  ],
  async handle(input, call) {
    const row = await findCertificate(call, input.CertificateArn);
    const { items, rest } = pageOf(call, input, row.proofs, ({ domain }) => domain);
    return {
      DomainValidationSummaryList: items.map((proof) => ({
        DomainName: proof.domain,
        ActiveValidationConfiguration: {
          ValidationMethod: proof.method,
          ValidationStatus: statusOf(row, proof),
          ValidationChallenge: challenge(row.account, proof),
        },
      })),
      ...rest,
    };
  },
});

function challenge(account: string, { method, domain, mailDomain }: DomainProof): ValidationChallenge {
  if (method === 'DNS') return { DnsValidationChallenge: { ResourceRecord: recordOf(account, domain) } };
  return {
    EmailValidationChallenge: { ValidationEmails: mailAddresses(mailDomain), ValidationDomain: mailDomain },
  };
}
