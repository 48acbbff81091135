/** Canonical user ids: the 64 hexadecimal digits by which S3 names an account in ACLs and owners. */
import { createHash } from 'node:crypto';

const known = new Map<string, string>();

/** Always the same for an account, and different from every other account's. */
export function canonicalUserId(account: string): string {
  let id = known.get(account);
  if (id === undefined) {
    id = createHash('sha256').update(`bailey canonical user ${account}`).digest('hex');
    if (known.size >= 10_000) known.clear();
    known.set(account, id);
  }
  return id;
}
