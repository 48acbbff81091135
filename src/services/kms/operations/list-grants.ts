/** ListGrants and ListRetirableGrants. */
import type {
  GrantListEntry,
  ListGrantsRequest,
  ListGrantsResponse,
  ListRetirableGrantsRequest,
} from '@aws-sdk/client-kms';
import { type Call, operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { accountCheck, keyCheck } from '../checks.ts';
import { validation } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { type GrantRow, grants, keyChildren, retirable } from '../state.ts';
import { notedKey } from '../use.ts';

export const ListGrants = operation<ListGrantsRequest, ListGrantsResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'ListGrants' }),
  ],
  async handle(input, call) {
    const { key, arn } = await notedKey(call, input.KeyId, false);
    requireOne(input.GranteePrincipal, input.GranteeServicePrincipal, call, 'Grantee');
    const { rows, rest } = await page(call, input, 50, async (after, limit) => {
      const isAny = [input.GrantId, input.GranteePrincipal, input.GranteeServicePrincipal].every(
        (one) => one === undefined,
      );
      const all = await call.change.list(grants, keyChildren(key), {
        ...(after !== undefined && { after }),
        ...(isAny && { limit }),
      });
      return all.filter(({ value }) => isWanted(value, input)).slice(0, limit);
    });
    return { Grants: rows.map(({ value }) => entry(value, arn)), ...rest };
  },
});

function isWanted(grant: GrantRow, input: ListGrantsRequest): boolean {
  const wanted = input.GranteePrincipal ?? input.GranteeServicePrincipal;
  if (input.GrantId !== undefined && grant.id !== input.GrantId) return false;
  return wanted === undefined || grant.grantee === wanted;
}

export const ListRetirableGrants = operation<ListRetirableGrantsRequest, ListGrantsResponse, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListRetirableGrants')],
  async handle(input, call) {
    const { region } = call.scope;
    const retiring = input.RetiringPrincipal ?? input.RetiringServicePrincipal;
    requireOne(input.RetiringPrincipal, input.RetiringServicePrincipal, call, 'Retiring');
    if (retiring === undefined) throw validation('RetiringPrincipal is required.');
    const { rows, rest } = await page(call, input, 50, (after, limit) =>
      call.change.list(retirable, `${region}/${retiring}`, {
        limit,
        ...(after !== undefined && { after }),
      }),
    );
    const shown: GrantListEntry[] = [];
    for (const { id } of rows) {
      const [account = '', keyId = '', grantId = ''] = id.split('/');
      const key = { account, region, id: keyId };
      const grant = await call.change.get(grants, keyChildren(key), grantId);
      if (grant) shown.push(entry(grant, keyArn(key)));
    }
    return { Grants: shown, ...rest };
  },
});

/** "This filter is only usable by callers in a service principal." */
function requireOne(arn: string | undefined, service: string | undefined, { caller }: Call, as: string): void {
  if (service === undefined) return;
  if (arn !== undefined) throw validation(`Name a ${as}Principal or a ${as}ServicePrincipal, not both.`);
  if (caller.principal.kind !== 'service') throw validation(`Only services may ask for a ${as}ServicePrincipal.`);
}

const shown = (as: 'Grantee' | 'Retiring', name: string) =>
  name.startsWith('arn:') ? { [`${as}Principal`]: name } : { [`${as}ServicePrincipal`]: name };

function entry(grant: GrantRow, arn: string): GrantListEntry {
  const { equals, subset, sourceArn } = grant.constraints ?? {};
  return {
    KeyId: arn,
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.createdAt),
    ...shown('Grantee', grant.grantee),
    ...(grant.retiring !== undefined && shown('Retiring', grant.retiring)),
    IssuingAccount: `arn:aws:iam::${grant.issuer.split(':')[4] ?? ''}:root`,
    Operations: [...grant.operations] as GrantListEntry['Operations'] & string[],
    ...(grant.constraints && {
      Constraints: {
        ...(equals && { EncryptionContextEquals: equals }),
        ...(subset && { EncryptionContextSubset: subset }),
        ...(sourceArn !== undefined && { SourceArn: sourceArn }),
      },
    }),
  };
}
