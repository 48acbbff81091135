/** Shield's own role in an account, as the caller of what Shield does there. */
import { entityArn } from '../../services/iam/arns.ts';
import { roles, rowId } from '../../services/iam/state.ts';
import type { Caller } from '../../services/service.ts';
import type { Reader } from '../../store/store.ts';

const roleName = 'AWSServiceRoleForAWSShield';
const sessionName = 'shield';
const sessionMs = 60 * 60 * 1000;

/** Undefined where the role was never made. */
export async function shieldRole(reader: Reader, account: string, now: number): Promise<Caller | undefined> {
  const row = await reader.get(roles, account, rowId(roleName));
  if (!row) return undefined;
  return {
    account,
    principal: {
      kind: 'assumed-role',
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${row.name}/${sessionName}`,
      id: `${row.id}:${sessionName}`,
      roleArn: entityArn('role', account, row.path, row.name),
      roleId: row.id,
      roleName: row.name,
      sessionName,
      serviceLinked: true,
    },
    session: { kind: 'assumed-role', issuedAt: now, expiresAt: now + sessionMs, chain: 1 },
  };
}
