/** Which grants on a key cover an operation of this caller. */
import type { CheckCall, ResourceGrant } from '../service.ts';
import type { KeyUse } from './checks.ts';
import { readGrantToken } from './grant-tokens.ts';
import { grantsFor } from './grants.ts';
import type { GrantRow, KeyRow } from './state.ts';

/** Grants that name the operation and whose constraints this call meets; the engine compares the grantee. */
export async function coveringGrants(call: CheckCall, key: KeyRow, use: KeyUse): Promise<readonly ResourceGrant[]> {
  // A grant acts at once, so a token only has to be one of ours.
  for (const token of use.grantTokens ?? []) readGrantToken(call, token);
  const named = await grantsFor(call.change, key, call.caller.principal);
  return named
    .filter((grant) => grant.operations.includes(use.action) && meets(grant, use, call))
    .map(({ id, grantee, granteeId }) => ({ id, grantee, ...(granteeId !== undefined && { granteeId }) }));
}

/** "Grant constraints": they bind what has an encryption context; what is passed on must be as strict (create-grant.ts). */
const withoutContext = new Set(['CreateGrant', 'DescribeKey', 'RetireGrant']);

function meets({ constraints }: GrantRow, use: KeyUse, call: CheckCall): boolean {
  const { subset, equals, sourceArn } = constraints ?? {};
  // "It does not apply to the RetireGrant operation."
  if (sourceArn !== undefined && use.action !== 'RetireGrant' && sourceArnOf(call) !== sourceArn) return false;
  if (withoutContext.has(use.action)) return true;
  const context = use.encryptionContext ?? {};
  if (subset && !Object.entries(subset).every(([name, value]) => context[name] === value)) return false;
  if (!equals) return true;
  const names = Object.keys(equals);
  return names.length === Object.keys(context).length && names.every((name) => context[name] === equals[name]);
}

/** Only a service principal says for which resource it acts. */
function sourceArnOf({ caller }: CheckCall): string | undefined {
  return caller.principal.kind === 'service' ? caller.principal.sourceArn : undefined;
}
