/** The index of attachments, kept in step with the rows of users, groups and roles. */
import type { Change } from '../../store/store.ts';
import { type AttachmentRow, attachmentKey, attachments, type PolicyHolder } from './state.ts';

export function recordAttachment(change: Change, account: string, attachment: AttachmentRow): void {
  change.put(attachments, account, attachmentKey(attachment), attachment);
}

export function dropAttachment(
  change: Change,
  account: string,
  attachment: Pick<AttachmentRow, 'policyArn' | 'use' | 'kind' | 'name'>,
): void {
  change.delete(attachments, account, attachmentKey(attachment));
}

/** Every attachment of one entity, as its row tells them. */
export function attachmentsOf(
  kind: AttachmentRow['kind'],
  row: PolicyHolder & { readonly boundary?: string },
): AttachmentRow[] {
  const found: AttachmentRow[] = row.attached.map((policyArn) => ({
    policyArn,
    use: 'PermissionsPolicy',
    kind,
    name: row.name,
    entityId: row.id,
  }));
  if (row.boundary !== undefined) {
    found.push({ policyArn: row.boundary, use: 'PermissionsBoundary', kind, name: row.name, entityId: row.id });
  }
  return found;
}
