/** ImportCertificate: a certificate of another authority, with its key; again under the same ARN when it is renewed. */
import type { ImportCertificateRequest, ImportCertificateResponse } from '@aws-sdk/client-acm';
import { type Check, type Decoded, operation } from '../../service.ts';
import {
  checkChain,
  contentOf,
  isSelfSigned,
  keyAlgorithmOf,
  namesOf,
  readCertificates,
  readPrivateKey,
} from '../certificate-content.ts';
import { validation } from '../errors.ts';
import { certificateCheck, findCertificate } from '../find.ts';
import { requireRoom } from '../issuing.ts';
import type { AcmPorts } from '../ports.ts';
import { type CertificateRow, certificateArn, certificates, privateKeys, regional } from '../state.ts';
import { mergeTags, requestTags } from '../tags.ts';

type Input = Decoded<ImportCertificateRequest>;

export const ImportCertificate = operation<ImportCertificateRequest, ImportCertificateResponse, AcmPorts>({
  record: { hide: ['PrivateKey'] },
  async checks(input, call) {
    const context = requestTags(input.Tags);
    if (input.CertificateArn !== undefined) {
      return [await certificateCheck(call, 'ImportCertificate', input.CertificateArn, () => context)];
    }
    const { account, region } = call.scope;
    const resource = { arn: `arn:aws:acm:${region}:${account}:certificate/*`, account };
    const checks: Check[] = [{ action: 'acm:ImportCertificate', resource, context }];
    if (input.Tags?.length) checks.push({ action: 'acm:AddTagsToCertificate', resource, context });
    return checks;
  },
  async handle(input, call) {
    const { change, scope, now } = call;
    const { pem, ...read } = readImport(input, now);
    const before = input.CertificateArn === undefined ? undefined : await findCertificate(call, input.CertificateArn);
    if (before) requireReimport(before, input, read);
    else await requireRoom(call, 'IMPORTED');
    const row: CertificateRow = {
      account: scope.account,
      region: scope.region,
      id: call.random.uuid(),
      type: 'IMPORTED',
      status: 'ISSUED',
      createdAt: now,
      proofs: [],
      options: { transparency: 'DISABLED', export: 'DISABLED' },
      isExported: false,
      tags: mergeTags({}, input.Tags),
      ...before,
      ...read,
      importedAt: now,
    };
    change.put(certificates, regional(row), row.id, row);
    change.put(privateKeys, regional(row), row.id, { pem });
    return { CertificateArn: certificateArn(row) };
  },
});

function readImport(input: Input, now: number) {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const [leaf, ...more] = readCertificates(text(input.Certificate), 'certificate');
  if (!leaf || more.length > 0) {
    throw validation(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    );
  }
  const keyAlgorithm = keyAlgorithmOf(leaf);
  const key = readPrivateKey(text(input.PrivateKey));
  if (!leaf.checkPrivateKey(key)) throw validation('The private key does not match the public key of the certificate.');
  if (Date.parse(leaf.validTo) <= now) throw validation('The certificate that is provided has expired.');
  if (Date.parse(leaf.validFrom) > now) throw validation('The certificate that is provided is not yet valid.');
  const chain = input.CertificateChain && text(input.CertificateChain);
  if (chain) checkChain(leaf, readCertificates(chain, 'certificate chain'));
  else if (!isSelfSigned(leaf)) {
    throw validation(
      'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
    );
  }
  const names = namesOf(leaf);
  return {
    keyAlgorithm,
    names,
    domainName: names[0] ?? '',
    content: contentOf(text(input.Certificate), chain),
    pem: String(key.export({ format: 'pem', type: 'pkcs8' })),
  };
}

/** "Reimporting a certificate": what uses it goes on to use it. */
function requireReimport(
  before: CertificateRow,
  input: Input,
  read: Pick<CertificateRow, 'keyAlgorithm' | 'names'>,
): void {
  if (before.type !== 'IMPORTED') throw validation('A certificate that ACM has issued cannot be reimported.');
  if (input.Tags?.length) throw validation('Tagging is not permitted on re-import.');
  if (before.keyAlgorithm !== read.keyAlgorithm) {
    throw validation('The key algorithm of the certificate cannot be changed by a re-import.');
  }
  if (!before.names.some((name) => read.names.includes(name))) {
    throw validation('The certificate must have at least one domain name of the certificate that it replaces.');
  }
}
