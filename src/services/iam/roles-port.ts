/** Answers what STS asks of IAM: roles, access keys and managed policies (the shapes are those of STS's ports). */
import type { Reader } from '../../store/store.ts';
import type { Random } from '../service.ts';
import { entityArn } from './arns.ts';
import { accessKeyId, accountOfAccessKeyId, secretAccessKey } from './ids.ts';
import { type AwsManagedPolicies, defaultDocument } from './policy-documents.ts';
import { accessKeys, roles, rowId } from './state.ts';

export function identitiesForSts(awsManaged: AwsManagedPolicies) {
  return {
    roles: {
      async find(reader: Reader, account: string, name: string) {
        const row = await reader.get(roles, account, rowId(name));
        if (!row) return undefined;
        return {
          account,
          name: row.name,
          id: row.id,
          arn: entityArn('role', account, row.path, row.name),
          trust: row.trust,
          maxSessionSeconds: row.maxSessionSeconds,
          tags: row.tags,
          serviceLinked: row.linkedTo !== undefined,
        };
      },
    },
    accessKeys: {
      temporaryId: (account: string, random: Random) => accessKeyId('ASIA', account, random),
      secret: secretAccessKey,
      /** Keys that a configuration brought do not carry their account: those are looked up. */
      async accountOf(reader: Reader, id: string) {
        return (await reader.get(accessKeys, '', id))?.account ?? accountOfAccessKeyId(id);
      },
    },
    policies: {
      async exists(reader: Reader, account: string, arn: string) {
        return (await defaultDocument(reader, account, arn, awsManaged)) !== undefined;
      },
    },
  };
}
