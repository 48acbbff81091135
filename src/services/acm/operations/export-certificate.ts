/** ExportCertificate: the certificate with its key, the key encrypted under a passphrase. */
import { createPrivateKey } from 'node:crypto';
import type { ExportCertificateRequest, ExportCertificateResponse } from '@aws-sdk/client-acm';
import { operation } from '../../service.ts';
import { inProgress, validation } from '../errors.ts';
import { certificateCheck, findCertificate } from '../find.ts';
import type { AcmPorts } from '../ports.ts';
import { certificates, privateKeys, regional } from '../state.ts';

export const ExportCertificate = operation<ExportCertificateRequest, ExportCertificateResponse, AcmPorts>({
  record: { hide: ['Passphrase', 'PrivateKey', 'Certificate', 'CertificateChain'] },
  checks: async (input, call) => [
    await certificateCheck(call, 'ExportCertificate', input.CertificateArn, (row) => ({
      'acm:DomainNames': row?.names,
    })),
  ],
  async handle(input, call) {
    const row = await findCertificate(call, input.CertificateArn);
    if (row.type !== 'AMAZON_ISSUED' || row.options.export !== 'ENABLED') {
      throw validation(`Certificate ${input.CertificateArn} cannot be exported: it was not requested for export.`);
    }
    const key = await call.change.get(privateKeys, regional(row), row.id);
    if (!row.content || !key || row.status !== 'ISSUED') {
      throw inProgress(`Certificate ${input.CertificateArn} has not been issued.`);
    }
    const passphrase = Buffer.from(input.Passphrase).toString('latin1');
    // "You can use any ASCII character except #, $, or %."
    if (!/^[\x20-\x7e]+$/.test(passphrase) || /[#$%]/.test(passphrase)) {
      throw validation('The passphrase may hold any ASCII character except #, $ and %.');
    }
    call.change.put(certificates, regional(row), row.id, { ...row, isExported: true });
    const { body, chain } = row.content;
    return {
      Certificate: `${body}\n`,
      ...(chain !== undefined && { CertificateChain: `${chain}\n` }),
      PrivateKey: String(
        createPrivateKey(key.pem).export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }),
      ),
    };
  },
});
