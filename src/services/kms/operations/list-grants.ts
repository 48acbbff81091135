/** ListGrants and ListRetirableGrants. */
import type {
  GrantListEntry,
  ListGrantsRequest,
  ListGrantsResponse,
  ListRetirableGrantsRequest,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { accountCheck, keyCheck } from '../checks.ts';
import { findKey } from '../find-key.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { type GrantRow, grants, keyChildren, retirable } from '../state.ts';

export const ListGrants = operation<ListGrantsRequest, ListGrantsResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'ListGrants' }),
  ],
  async handle(input, call) {
    const { key, arn } = await findKey(call, input.KeyId, false);
    const { rows, rest } = await page(call, input, 50, async (after, limit) => {
      const all = await call.change.list(grants, keyChildren(key), after === undefined ? {} : { after });
      return all.filter(({ value }) => isWanted(value, input)).slice(0, limit);
    });
    return { Grants: rows.map(({ value }) => entry(value, arn)), ...rest };
  },
});

function isWanted(grant: GrantRow, { GrantId, GranteePrincipal }: ListGrantsRequest): boolean {
  if (GrantId !== undefined && grant.id !== GrantId) return false;
  return GranteePrincipal === undefined || grant.grantee === GranteePrincipal;
}

export const ListRetirableGrants = operation<ListRetirableGrantsRequest, ListGrantsResponse, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListRetirableGrants')],
  async handle(input, call) {
    const { region } = call.scope;
    const { rows, rest } = await page(call, input, 50, (after, limit) =>
      call.change.list(retirable, `${region}/${input.RetiringPrincipal}`, {
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

function entry(grant: GrantRow, arn: string): GrantListEntry {
  const { equals, subset, sourceArn } = grant.constraints ?? {};
  return {
    KeyId: arn,
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.createdAt),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
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
