/** Trust policies: the principals that they name are bound to unique ids when stored, and shown as they are now. */
import type { PolicyDocument } from '../../engines/policy/index.ts';
import type { Reader } from '../../store/store.ts';
import { malformedPolicy } from './errors.ts';
import { checkedPolicy } from './policy-validation.ts';
import { describePrincipal, resolvePrincipal } from './principals.ts';
import { type RoleRow, roles, rowId, uniqueIds } from './state.ts';

type PrincipalIds = RoleRow['trust']['principalIds'];

/**
 * ARN of each user, role and role session that the document names → the unique id of the user or role.
 * @throws MalformedPolicyDocument when one does not exist
 */
export async function boundPrincipals(reader: Reader, document: PolicyDocument): Promise<PrincipalIds> {
  const ids: Record<string, string> = {};
  for (const statement of document.statements) {
    for (const entry of statement.principals?.entries ?? []) {
      if (entry.kind === 'user' || entry.kind === 'role') {
        const id = await resolvePrincipal(reader, entry.arn);
        if (id === undefined) throw invalidPrincipal(entry.arn);
        ids[entry.arn] = id;
      } else if (entry.kind === 'session') {
        const id = await roleOfSession(reader, entry.account, entry.arn);
        if (id === undefined) throw invalidPrincipal(entry.arn);
        ids[entry.arn] = id;
      } else if (entry.kind === 'unique-id' && (await reader.get(uniqueIds, '', entry.id)) === undefined) {
        throw invalidPrincipal(entry.id);
      } else if (entry.kind === 'service' && !isServicePrincipal(entry.name)) {
        throw malformedPolicy(`Invalid principal in policy: "SERVICE":"${entry.name}"`);
      }
    }
  }
  return ids;
}

/** For documents that come with a configuration. Throws MalformedPolicyDocument. */
export async function bindTrustDocument(reader: Reader, document: string): Promise<PrincipalIds> {
  return boundPrincipals(reader, checkedPolicy(document, 'trust'));
}

/**
 * The document as GetRole shows it: principals that have been renamed by their present ARN, those that are deleted by
 * their unique id. As given while nothing of that has happened.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export async function presentTrust(reader: Reader, trust: RoleRow['trust']): Promise<string> {
  const changed = new Map<string, string>();
  for (const [arn, id] of Object.entries(trust.principalIds)) {
    const now = (await describePrincipal(reader, id)) ?? id;
    // A session keeps its ARN for as long as its role is there.
    const keeps = now === arn || (now !== id && arn.startsWith('arn:aws:sts:'));
    if (!keeps) changed.set(arn, now);
  }
  if (changed.size === 0) return trust.document;
  const document = JSON.parse(trust.document) as { Statement: TrustStatement | TrustStatement[] };
  for (const statement of [document.Statement].flat()) {
    const principal = statement.Principal;
    if (typeof principal !== 'object' || principal.AWS === undefined) continue;
    const { AWS: named } = principal;
    principal.AWS =
      typeof named === 'string' ? (changed.get(named) ?? named) : named.map((arn) => changed.get(arn) ?? arn);
  }
  return JSON.stringify(document);
}

/** As the grammar of trust policies allows it. */
interface TrustStatement {
  Principal?: string | { AWS?: string | string[] };
}

/** The id of the role in `arn:aws:sts::A:assumed-role/ROLE/SESSION`. */
async function roleOfSession(reader: Reader, account: string, arn: string): Promise<string | undefined> {
  const name = arn.split('/')[1];
  return name ? (await reader.get(roles, account, rowId(name)))?.id : undefined;
}

/** AWS's services are called so; a list of them all is not published. */
function isServicePrincipal(name: string): boolean {
  return ['.amazonaws.com', '.amazonaws.com.cn', '.amazon.com', '.aws.internal'].some((end) => name.endsWith(end));
}

function invalidPrincipal(named: string): Error {
  return malformedPolicy(`Invalid principal in policy: "AWS":"${named}"`);
}
