/** GetTrustStoreCaCertificatesBundle and GetTrustStoreRevocationContent: links to the files of a trust store. */
import type {
  GetTrustStoreCaCertificatesBundleInput,
  GetTrustStoreCaCertificatesBundleOutput,
  GetTrustStoreRevocationContentInput,
  GetTrustStoreRevocationContentOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { arnCheck } from '../checks.ts';
import { findTrustStore } from '../find.ts';
import type { ElbPorts } from '../ports.ts';
import { revocationKey, revocations, trustStorePartition } from '../state.ts';
import { revocationNotFound } from './trust-store-revocations.ts';

export const GetTrustStoreCaCertificatesBundle = operation<
  GetTrustStoreCaCertificatesBundleInput,
  GetTrustStoreCaCertificatesBundleOutput,
  ElbPorts
>({
  record: { hide: ['Location'] },
  checks: async (input, call) => [await arnCheck(call, 'GetTrustStoreCaCertificatesBundle', input.TrustStoreArn)],
  async handle(input, call, { downloads }) {
    const { bundle, name } = await findTrustStore(call, input.TrustStoreArn);
    return { Location: downloads.link(call, { blob: bundle, fileName: `${name}.pem` }) };
  },
});

export const GetTrustStoreRevocationContent = operation<
  GetTrustStoreRevocationContentInput,
  GetTrustStoreRevocationContentOutput,
  ElbPorts
>({
  record: { hide: ['Location'] },
  checks: async (input, call) => [await arnCheck(call, 'GetTrustStoreRevocationContent', input.TrustStoreArn)],
  async handle(input, call, { downloads }) {
    const store = await findTrustStore(call, input.TrustStoreArn);
    const id = input.RevocationId;
    const row = await call.change.get(revocations, trustStorePartition(store), revocationKey(id));
    if (!row) throw revocationNotFound(id);
    return { Location: downloads.link(call, { blob: row.content, fileName: `${store.name}-${id}.crl` }) };
  },
});
