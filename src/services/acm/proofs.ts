/**
 * How a requester proves that a name is theirs: a CNAME record that ACM names, or mail to those who run the domain.
 * @see AWS Certificate Manager User Guide, "Validating domain ownership"
 */
import { createHash } from 'node:crypto';
import type { ResourceRecord } from '@aws-sdk/client-acm';
import { invalidDomainOptions } from './errors.ts';
import type { AcmPorts } from './ports.ts';
import type { CertificateRow, DomainProof } from './state.ts';

/** Requests wait so long for their proofs. */
export const patienceMs = 72 * 3_600_000;

/** `*.name` is proven as `name` is. */
export const bareName = (domain: string): string => domain.toLowerCase().replace(/^\*\./, '');

/** The same for every request of an account, so that renewals find it again; `*.name` shares the record of `name`. */
export function recordOf(account: string, domain: string): ResourceRecord {
  const name = bareName(domain);
  const digest = (what: string): string =>
    createHash('sha256').update(`acm ${what} ${account} ${name}`).digest('hex').slice(0, 32);
  return {
    Name: `_${digest('name')}.${name}.`,
    Type: 'CNAME',
    Value: `_${digest('value')}.bailey.acm-validations.aws.`,
  };
}

/** "ACM sends domain validation emails to the following five addresses". */
export const mailAddresses = (domain: string): string[] =>
  ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map((name) => `${name}@${domain}`);

/** The name itself or one above it. @throws AwsError InvalidDomainValidationOptionsException */
export function requireMailDomain(domain: string, mailDomain: string): void {
  const name = bareName(domain);
  const above = bareName(mailDomain);
  const isAbove = name === above || name.endsWith(`.${above}`);
  if (!isAbove || mailDomain.startsWith('*.') || !above.includes('.')) {
    throw invalidDomainOptions(`The validation domain ${mailDomain} is not a superdomain of ${domain}.`);
  }
}

/**
 * What is true of a domain now: a public authority must have been convinced, too, and of a renewal anew.
 * @param isRenewal whether a renewal is asked about
 */
export function statusOf(row: CertificateRow, proof: DomainProof, isRenewal = false): DomainProof['status'] {
  if (proof.status !== 'SUCCESS') return proof.status;
  if (isRenewal) return row.renewal?.status.startsWith('PENDING') ? 'PENDING_VALIDATION' : proof.status;
  return row.isPublic && !row.isAccepted ? 'PENDING_VALIDATION' : proof.status;
}

/** What the DNS has proven since. Proofs by mail stay as they are. */
export async function lookUp(row: CertificateRow, { cname }: Pick<AcmPorts, 'cname'>): Promise<readonly DomainProof[]> {
  return Promise.all(
    row.proofs.map(async (proof) => {
      if (proof.method !== 'DNS' || proof.status === 'SUCCESS') return proof;
      const { Name = '', Value = '' } = recordOf(row.account, proof.domain);
      const found = await cname(Name.replace(/\.$/, ''));
      const isProven = found?.toLowerCase().replace(/\.$/, '') === Value.replace(/\.$/, '');
      return isProven ? { ...proof, status: 'SUCCESS' as const } : proof;
    }),
  );
}

/** Names change hands: a renewal needs the record again. What was approved by mail stays approved. */
export async function isStillProven(row: CertificateRow, ports: Pick<AcmPorts, 'cname'>): Promise<boolean> {
  const proofs = row.proofs.map((proof) =>
    proof.method === 'DNS' ? { ...proof, status: 'PENDING_VALIDATION' as const } : proof,
  );
  return (await lookUp({ ...row, proofs }, ports)).every(({ status }) => status === 'SUCCESS');
}
