/** Finding server certificates, what authorizes calls on them, and how they are shown. */
import type { ServerCertificateMetadata } from '@aws-sdk/client-iam';
import type { Reader } from '../../../store/store.ts';
import type { Check, CheckCall, ConditionValues } from '../../service.ts';
import { noSuchEntity } from '../errors.ts';
import { rowId } from '../state.ts';
import { shownTime } from '../times.ts';
import { type ServerCertificateRow, serverCertificateArn, serverCertificates } from './state.ts';

/** @throws AwsError NoSuchEntity */
export async function certificateNamed(reader: Reader, account: string, name: string): Promise<ServerCertificateRow> {
  const row = await reader.get(serverCertificates, account, rowId(name));
  if (!row) throw noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
  return row;
}

/** By ARN, in any account; for readers of other services. */
export async function serverCertificateByArn(
  reader: Reader,
  arn: string,
): Promise<(ServerCertificateRow & { readonly account: string }) | undefined> {
  const [, account, rest] = /^arn:aws:iam::(\d{12}):server-certificate(\/.+)$/.exec(arn) ?? [];
  if (account === undefined || rest === undefined) return undefined;
  const row = await reader.get(serverCertificates, account, rowId(rest.slice(rest.lastIndexOf('/') + 1)));
  return row && serverCertificateArn(account, row.path, row.name) === arn ? { ...row, account } : undefined;
}

/** One that there is by its full ARN, one that there is not by the ARN that it would have at the root path. */
export async function certificateCheck(
  call: CheckCall,
  action: string,
  name: string,
  context?: ConditionValues,
): Promise<Check> {
  const { account } = call.scope;
  const row = await call.change.get(serverCertificates, account, rowId(name));
  const arn = serverCertificateArn(account, row?.path ?? '/', row?.name ?? name);
  return {
    action: `iam:${action}`,
    resource: { arn, account, ...(row && { tags: row.tags }) },
    ...(context && { context }),
  };
}

export const shownCertificate = (account: string, row: ServerCertificateRow): ServerCertificateMetadata => ({
  Path: row.path,
  ServerCertificateName: row.name,
  ServerCertificateId: row.id,
  Arn: serverCertificateArn(account, row.path, row.name),
  UploadDate: shownTime(row.uploadedAt),
  Expiration: shownTime(row.expiresAt),
});
