/** What CloudFront asks of its neighbours: certificates, web ACLs, buckets, and whether the edge has heard. */
import { X509Certificate } from 'node:crypto';
import { certificateAt } from '../services/acm/find.ts';
import type { CloudFrontPorts } from '../services/cloudfront/ports.ts';
import { serverCertificateArn, serverCertificates } from '../services/iam/server-certificates/state.ts';
import { buckets } from '../services/s3/state.ts';
import { parseArn } from '../services/wafv2/arns.ts';
import { entityPartition, webAcls } from '../services/wafv2/state.ts';
import { ownerOf } from './dns/proofs.ts';

/** DNS names of the leaf, in lower case. */
function namesOf(pem: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(pem);
  return subjectAltName.split(', ').flatMap((one) => (one.startsWith('DNS:') ? one.slice(4).toLowerCase() : []));
}

export function cloudfrontPorts(deployed: () => Promise<void>): CloudFrontPorts {
  return {
    async certificate(reader, arn) {
      const row = await certificateAt(reader, arn);
      if (!row) return undefined;
      const names = row.names.map((name) => name.toLowerCase());
      return { arn, account: row.account, isUsable: row.status === 'ISSUED', names };
    },
    async serverCertificate(reader, account, id) {
      const row = (await reader.list(serverCertificates, account)).find(({ value }) => value.id === id)?.value;
      if (!row) return undefined;
      const arn = serverCertificateArn(account, row.path, row.name);
      return { arn, account, isUsable: true, names: namesOf(row.body) };
    },
    async webAcl(reader, arn) {
      const parts = parseArn(arn);
      if (parts?.kind !== 'webacl') return undefined;
      const { account, region, scope, name, id } = parts;
      const row = await reader.get(webAcls, entityPartition(account, region, scope), name);
      return row?.id === id ? { account, isGlobal: scope === 'CLOUDFRONT', tags: row.tags } : undefined;
    },
    ownerOf,
    bucketExists: async (reader, bucket) => (await reader.get(buckets, '', bucket)) !== undefined,
    deployed,
  };
}
