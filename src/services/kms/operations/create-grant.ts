/** CreateGrant: lets somebody use a key for some operations, until it is retired or revoked. */
import type { CreateGrantRequest, CreateGrantResponse } from '@aws-sdk/client-kms';
import { AwsError, type Call, type Check, type CheckCall, operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { isAsStrict, namedPrincipal, readConstraints, requireGrantable } from '../grant-rules.ts';
import { grantToken } from '../grant-tokens.ts';
import { grantsFor, grantsNamed, putGrant } from '../grants.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { giveUpRoomForGrant, requireRoomForGrant } from '../resource-quotas.ts';
import type { GrantRow, KeyRow } from '../state.ts';
import { noteKey, stopIfDry } from '../use.ts';

function constraintType(input: CreateGrantRequest): string | undefined {
  if (input.Constraints?.EncryptionContextEquals) return 'EncryptionContextEquals';
  return input.Constraints?.EncryptionContextSubset && 'EncryptionContextSubset';
}

const grantCheck = async (input: CreateGrantRequest & { KeyId: string }, call: CheckCall, found: FoundKey) =>
  keyCheck(call, found, {
    action: 'CreateGrant',
    grantTokens: input.GrantTokens,
    context: {
      'kms:GrantOperations': input.Operations,
      'kms:GranteePrincipal': input.GranteePrincipal,
      'kms:GranteeServicePrincipal': input.GranteeServicePrincipal,
      'kms:RetiringPrincipal': input.RetiringPrincipal,
      'kms:RetiringServicePrincipal': input.RetiringServicePrincipal,
      'kms:GrantConstraintSourceArn': input.Constraints?.SourceArn,
      'kms:GrantConstraintType': constraintType(input),
      // Services that act for their callers say so by the way that they come.
      'kms:GrantIsForAWSResource': String(
        (call.calledVia?.length ?? 0) > 0 || call.caller.principal.kind === 'service',
      ),
    },
  });

export const CreateGrant = operation<CreateGrantRequest, CreateGrantResponse, KmsPorts>({
  checks: async (input, call) => [await grantCheck(input, call, await findKey(call, input.KeyId, false))],
  async handle(input, call, ports) {
    const found = await findKey(call, input.KeyId, false);
    const { key } = found;
    requireUsable(key, 'CreateGrant');
    const operations = [...new Set(input.Operations)];
    requireGrantable(key, operations);
    const constraints = readConstraints(input, key);
    const { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal } = input;
    const grantee = await namedPrincipal(
      { arn: GranteePrincipal, service: GranteeServicePrincipal, as: 'Grantee' },
      ports.principals,
    );
    const retiring = await namedPrincipal(
      { arn: RetiringPrincipal, service: RetiringServicePrincipal, as: 'Retiring' },
      ports.principals,
    );
    if (grantee === undefined) throw validation('A grant needs a GranteePrincipal or a GranteeServicePrincipal.');
    if (GranteeServicePrincipal !== undefined && (constraints?.sourceArn === undefined || retiring === undefined)) {
      throw validation('A grant to a service needs a SourceArn constraint and somebody who may retire it.');
    }
    await requirePassable(call, found.key, await grantCheck(input, call, found), { operations, constraints });
    stopIfDry(input);
    const wanted: Omit<GrantRow, 'id' | 'createdAt'> = {
      keyId: key.id,
      ...(input.Name !== undefined && { name: input.Name }),
      grantee: grantee.arn,
      ...(grantee.id !== undefined && { granteeId: grantee.id }),
      ...(retiring && { retiring: retiring.arn }),
      ...(retiring?.id !== undefined && { retiringId: retiring.id }),
      operations,
      ...(constraints && { constraints }),
      issuer: issuerOf(call),
    };
    const namesakes = input.Name === undefined ? [] : await grantsNamed(call.change, key, input.Name);
    const same = namesakes.find((grant) => isSame(grant, wanted));
    noteKey(call, found);
    const id = Buffer.from(await call.once('id', async () => call.random.bytes(32))).toString('hex');
    if (same) {
      giveUpRoomForGrant(ports, key, id);
      return { GrantId: same.id, GrantToken: grantToken(call, key, same.id) };
    }
    await requireRoomForGrant(call, ports, key, id);
    putGrant(call.change, key, { ...wanted, id, createdAt: call.now });
    return { GrantId: id, GrantToken: grantToken(call, key, id) };
  },
});

const issuerOf = ({ caller }: Call): string => ('arn' in caller.principal ? caller.principal.arn : 'kms.amazonaws.com');

/** "Name: prevents the unintended creation of duplicate grants when retrying this request", on one key. */
function isSame(present: GrantRow, wanted: Omit<GrantRow, 'id' | 'createdAt'>): boolean {
  const { id: _id, createdAt: _at, ...rest } = present;
  return JSON.stringify(Object.entries(rest).sort()) === JSON.stringify(Object.entries(wanted).sort());
}

/**
 * Who may create grants only by a grant passes on no more than that grant gives ("CreateGrant" in "Creating grants").
 * @throws AwsError AccessDeniedException
 */
async function requirePassable(
  call: Call,
  key: KeyRow,
  check: Check,
  {
    operations,
    constraints,
  }: { readonly operations: readonly string[]; readonly constraints: GrantRow['constraints'] },
): Promise<void> {
  const { grants: covering, ...withoutGrants } = check.resource;
  // With all that the request says: what a policy allows under conditions it does not allow without them.
  if (covering === undefined || (await call.may({ ...check, resource: withoutGrants }))) return;
  const { principal } = call.caller;
  const rows = await grantsFor(call.change, key, principal);
  const passable = rows.some(
    (grant) =>
      grant.operations.includes('CreateGrant') &&
      (('roleId' in principal && grant.granteeId === principal.roleId) ||
        ('id' in principal && grant.granteeId === principal.id) ||
        ('arn' in principal && grant.grantee === principal.arn)) &&
      operations.every((one) => grant.operations.includes(one)) &&
      isAsStrict(constraints, grant.constraints),
  );
  if (passable) return;
  throw new AwsError(
    'AccessDeniedException',
    'A grant passes on only operations that it gives, under constraints as strict.',
    {
      status: 400,
    },
  );
}
