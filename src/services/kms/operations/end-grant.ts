/** RetireGrant and RevokeGrant: the next call already feels it. */
import type { RetireGrantRequest, RevokeGrantRequest } from '@aws-sdk/client-kms';
import { AwsError, type Caller, type CheckCall, operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { keyCheck } from '../checks.ts';
import { notFound, validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { readGrantToken } from '../grant-tokens.ts';
import { deleteGrant } from '../grants.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { type GrantRow, grants, keyChildren, keyPartition, keys } from '../state.ts';
import { noteKey, stopIfDry } from '../use.ts';

async function grantOf(call: CheckCall, found: FoundKey, id: string): Promise<GrantRow> {
  const grant = await call.change.get(grants, keyChildren(found.key), id);
  if (!grant) throw notFound(`Grant ID ${id} not found for key ${found.arn}`);
  return grant;
}

async function named(input: RetireGrantRequest, call: CheckCall): Promise<{ found: FoundKey; grantId: string }> {
  if (input.GrantToken !== undefined) {
    const { account, region, keyId, grantId } = readGrantToken(call, input.GrantToken);
    const key = await call.change.get(keys, keyPartition(account, region), keyId);
    if (!key || region !== call.scope.region)
      throw new AwsError('InvalidGrantTokenException', 'The grant token is not valid.');
    return { found: { key, arn: keyArn(key) }, grantId };
  }
  if (input.KeyId === undefined || input.GrantId === undefined) {
    throw validation('A grant is named by its token, or by key ARN and grant ID.');
  }
  if (!input.KeyId.startsWith('arn:')) throw validation('KeyId must be the ARN of a key.');
  return { found: await findKey(call, input.KeyId, false), grantId: input.GrantId };
}

/** Whoever the grant itself names needs no policy: the retiring principal, and the grantee if RetireGrant is granted. */
function isNamed(caller: Caller, grant: GrantRow): boolean {
  const { principal } = caller;
  const is = (arn: string | undefined, id: string | undefined): boolean => {
    if (arn === undefined) return false;
    if (principal.kind === 'service') return arn === principal.name;
    if (principal.kind === 'root') return arn === principal.arn;
    if (principal.kind === 'user') return id === principal.id;
    if (principal.kind === 'assumed-role') return id === principal.roleId || arn === principal.arn;
    return 'arn' in principal && arn === principal.arn;
  };
  if (is(grant.retiring, grant.retiringId)) return true;
  return grant.operations.includes('RetireGrant') && is(grant.grantee, grant.granteeId);
}

export const RetireGrant = operation<RetireGrantRequest, object, KmsPorts>({
  async checks(input, call) {
    const { found, grantId } = await named(input, call);
    const grant = await call.change.get(grants, keyChildren(found.key), grantId);
    const check = await keyCheck(call, found, { action: 'RetireGrant' });
    const { principal } = call.caller;
    if (!grant || !isNamed(call.caller, grant) || principal.kind === 'anonymous') return [check];
    // The grant names the caller: it counts like a statement of the key policy that does.
    const grantee =
      principal.kind === 'assumed-role'
        ? principal.roleArn
        : principal.kind === 'service'
          ? principal.name
          : principal.arn;
    const granteeId =
      principal.kind === 'assumed-role' ? principal.roleId : principal.kind === 'user' ? principal.id : undefined;
    const own = { id: grant.id, grantee, ...(granteeId !== undefined && { granteeId }) };
    return [{ ...check, resource: { ...check.resource, grants: [own] } }];
  },
  async handle(input, call) {
    const { found, grantId } = await named(input, call);
    requireUsable(found.key, 'RetireGrant');
    const grant = await grantOf(call, found, grantId);
    stopIfDry(input);
    deleteGrant(call.change, found.key, grant);
    noteKey(call, found);
    return {};
  },
});

export const RevokeGrant = operation<RevokeGrantRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'RevokeGrant' }),
  ],
  async handle(input, call) {
    const found = await findKey(call, input.KeyId, false);
    requireUsable(found.key, 'RevokeGrant');
    const grant = await grantOf(call, found, input.GrantId);
    stopIfDry(input);
    deleteGrant(call.change, found.key, grant);
    noteKey(call, found);
    return {};
  },
});
