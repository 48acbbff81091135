/** Certificates as DescribeCertificate and ListCertificates show them. */
import type {
  CertificateDetail,
  CertificateStatus,
  CertificateSummary,
  DomainValidation,
  ExtendedKeyUsageName,
  KeyUsageName,
  RevocationReason,
} from '@aws-sdk/client-acm';
import { mailAddresses, recordOf, statusOf as statusOfProof } from './proofs.ts';
import { type CertificateRow, certificateArn, type DomainProof } from './state.ts';

const date = (milliseconds: number): Date => new Date(Math.floor(milliseconds / 1000) * 1000);

export function statusOf(row: CertificateRow, now: number): CertificateStatus {
  const isOver = row.status === 'ISSUED' && row.content !== undefined && row.content.notAfter <= now;
  return isOver ? 'EXPIRED' : row.status;
}

/** "At this time, only exported … certificates can be renewed with the RenewCertificate command"; ACM renews what is used. */
export const isRenewable = (row: CertificateRow, users: readonly string[]): boolean =>
  row.type === 'AMAZON_ISSUED' && row.status === 'ISSUED' && (users.length > 0 || row.isExported);

const purposes: Readonly<Record<string, ExtendedKeyUsageName>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
};

export const purposeNames = (row: CertificateRow): ExtendedKeyUsageName[] =>
  (row.content?.extendedKeyUsages ?? []).map((oid) => purposes[oid] ?? 'CUSTOM');
export const usageNames = (row: CertificateRow): KeyUsageName[] => (row.content?.keyUsages ?? []) as KeyUsageName[];

function shownProof(row: CertificateRow, proof: DomainProof, isRenewal = false): DomainValidation {
  return {
    DomainName: proof.domain,
    ValidationDomain: proof.mailDomain,
    ValidationStatus: statusOfProof(row, proof, isRenewal),
    ValidationMethod: proof.method,
    ...(proof.method === 'DNS'
      ? { ResourceRecord: recordOf(row.account, proof.domain) }
      : { ValidationEmails: mailAddresses(proof.mailDomain) }),
  };
}

export function shownCertificate(row: CertificateRow, users: readonly string[], now: number): CertificateDetail {
  const { content, renewal } = row;
  const isIssued = row.type === 'AMAZON_ISSUED';
  return {
    CertificateArn: certificateArn(row),
    DomainName: row.domainName,
    SubjectAlternativeNames: [...row.names],
    Type: row.type,
    Status: statusOf(row, now),
    CreatedAt: date(row.createdAt),
    KeyAlgorithm: row.keyAlgorithm,
    InUseBy: [...users],
    RenewalEligibility: isRenewable(row, users) ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: {
      CertificateTransparencyLoggingPreference: row.options.transparency,
      Export: row.options.export,
    },
    CertificateKeyPairOrigin: isIssued ? 'AWS_MANAGED' : 'CUSTOMER_PROVIDED',
    ...(isIssued && { DomainValidationOptions: row.proofs.map((proof) => shownProof(row, proof)) }),
    ...(row.failureReason && { FailureReason: row.failureReason }),
    ...(row.issuedAt !== undefined && { IssuedAt: date(row.issuedAt) }),
    ...(row.importedAt !== undefined && { ImportedAt: date(row.importedAt) }),
    ...(row.revoked && {
      RevokedAt: date(row.revoked.at),
      RevocationReason: row.revoked.reason as RevocationReason,
    }),
    ...(renewal && {
      RenewalSummary: {
        RenewalStatus: renewal.status,
        DomainValidationOptions: row.proofs.map((proof) => shownProof(row, proof, true)),
        ...(renewal.reason && { RenewalStatusReason: renewal.reason }),
        UpdatedAt: date(renewal.at),
      },
    }),
    ...(content && {
      Serial: content.serial,
      Subject: content.subject,
      Issuer: content.issuer,
      NotBefore: date(content.notBefore),
      NotAfter: date(content.notAfter),
      SignatureAlgorithm: content.signatureAlgorithm,
      KeyUsages: usageNames(row).map((Name) => ({ Name })),
      ExtendedKeyUsages: content.extendedKeyUsages.map((OID) => ({ OID, Name: purposes[OID] ?? 'CUSTOM' })),
    }),
  };
}

export function shownSummary(row: CertificateRow, users: readonly string[], now: number): CertificateSummary {
  const { content } = row;
  const isIssued = row.type === 'AMAZON_ISSUED';
  return {
    CertificateArn: certificateArn(row),
    DomainName: row.domainName,
    SubjectAlternativeNameSummaries: row.names.slice(0, 100),
    HasAdditionalSubjectAlternativeNames: row.names.length > 100,
    Status: statusOf(row, now),
    Type: row.type,
    KeyAlgorithm: row.keyAlgorithm,
    KeyUsages: usageNames(row),
    ExtendedKeyUsages: purposeNames(row),
    ExportOption: row.options.export,
    InUse: users.length > 0,
    ...(isIssued && { Exported: row.isExported }),
    RenewalEligibility: isRenewable(row, users) ? 'ELIGIBLE' : 'INELIGIBLE',
    CreatedAt: date(row.createdAt),
    ...(content && { NotBefore: date(content.notBefore), NotAfter: date(content.notAfter) }),
    ...(row.issuedAt !== undefined && { IssuedAt: date(row.issuedAt) }),
    ...(row.importedAt !== undefined && { ImportedAt: date(row.importedAt) }),
    ...(row.revoked && { RevokedAt: date(row.revoked.at) }),
    CertificateKeyPairOrigin: isIssued ? 'AWS_MANAGED' : 'CUSTOMER_PROVIDED',
  };
}
