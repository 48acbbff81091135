/** DeleteCertificate, RevokeCertificate, RenewCertificate. */
import type {
  DeleteCertificateRequest,
  RenewCertificateRequest,
  RevokeCertificateRequest,
  RevokeCertificateResponse,
} from '@aws-sdk/client-acm';
import { type Call, operation } from '../../service.ts';
import { conflict, inUse, unavailable, validation } from '../errors.ts';
import { certificateCheck, findCertificate, originOf } from '../find.ts';
import { forget, issueInto } from '../issuing.ts';
import { wantOrder } from '../orders.ts';
import type { AcmPorts } from '../ports.ts';
import { isStillProven } from '../proofs.ts';
import { type CertificateRow, certificateArn, certificates, privateKeys, regional } from '../state.ts';

export const DeleteCertificate = operation<DeleteCertificateRequest, object, AcmPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'DeleteCertificate', input.CertificateArn, originOf)],
  async handle(input, call, ports) {
    const { change } = call;
    const row = await findCertificate(call, input.CertificateArn);
    if ((await ports.users(change, certificateArn(row))).length > 0) throw inUse(certificateArn(row), row.account);
    forget(change, row);
    change.delete(certificates, regional(row), row.id);
    change.delete(privateKeys, regional(row), row.id);
    return {};
  },
});

/** What was exported can lie anywhere: then it is taken back here, and no listener presents it any more. */
export const RevokeCertificate = operation<RevokeCertificateRequest, RevokeCertificateResponse, AcmPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'RevokeCertificate', input.CertificateArn, (row) => ({
      ...originOf(row),
      'acm:DomainNames': row?.names,
    })),
  ],
  async handle(input, call, ports) {
    const { change, now } = call;
    const row = await findCertificate(call, input.CertificateArn);
    const arn = certificateArn(row);
    if (row.type !== 'AMAZON_ISSUED' || !row.isExported) {
      throw validation('Only certificates that ACM has issued and that have been exported can be revoked.');
    }
    if (row.status !== 'ISSUED') throw conflict(`Certificate ${arn} is not issued.`);
    if ((await ports.users(change, arn)).length > 0) throw inUse(arn, row.account);
    if (row.isPublic) await revokeInPublic(call, ports, row, input.RevocationReason);
    forget(change, row);
    const revoked = { at: now, reason: input.RevocationReason };
    change.put(certificates, regional(row), row.id, { ...row, status: 'REVOKED', revoked });
    change.delete(privateKeys, regional(row), row.id);
    return { CertificateArn: arn };
  },
});

/** Others learn it of the authority that signed; where that cannot be told, nothing is revoked. */
async function revokeInPublic(call: Call, { publicAuthority }: AcmPorts, row: CertificateRow, reason: string) {
  const body = row.content?.body ?? '';
  try {
    if (!publicAuthority) throw new Error('The configuration does not name it any more.');
    await call.once('revoke', () => publicAuthority.revoke(body, reason));
  } catch (error) {
    throw unavailable(`The authority that signed the certificate cannot revoke it now: ${(error as Error).message}`);
  }
}

/** "Only exported … certificates can be renewed with this operation": a new key and a new certificate, the same ARN. */
export const RenewCertificate = operation<RenewCertificateRequest, object, AcmPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'RenewCertificate', input.CertificateArn)],
  async handle(input, call, ports) {
    const row = await findCertificate(call, input.CertificateArn);
    if (row.type !== 'AMAZON_ISSUED' || row.status !== 'ISSUED' || !row.isExported) {
      throw validation(`Certificate ${input.CertificateArn} is not eligible for renewal.`);
    }
    if (!(await isStillProven(row, ports))) {
      throw validation(`The domain names of certificate ${input.CertificateArn} are not proven any more.`);
    }
    if (row.isPublic) {
      await wantOrder(call.change, row, call.now);
      const waiting = { status: 'PENDING_AUTO_RENEWAL' as const, at: call.now };
      call.change.put(certificates, regional(row), row.id, { ...row, renewal: waiting });
      return {};
    }
    const renewal = { status: 'SUCCESS' as const, at: call.now };
    const issue: AcmPorts['issue'] = (request) => call.once('issue', () => ports.issue(request));
    await issueInto(call.change, { ...row, renewal }, { issue }, call.now);
    return {};
  },
});
