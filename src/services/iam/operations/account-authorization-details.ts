/** GetAccountAuthorizationDetails: every user, group, role and policy with what hangs on it, in one paged list. */
import type {
  EntityType,
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
} from '@aws-sdk/client-iam';
import type { Row } from '../../../store/store.ts';
import { type CheckCall, operation } from '../../service.ts';
import {
  awsManagedDetail,
  customerManagedDetail,
  groupDetail,
  roleDetail,
  usedAwsManagedPolicies,
  userDetail,
} from '../authorization-details.ts';
import { accountCheck } from '../checks.ts';
import { pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { groups, policies, roles, users } from '../state.ts';

/** The order of the list; a row's place is its kind's number and its id. */
const order = ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const satisfies EntityType[];

interface Place {
  readonly kind: EntityType;
  /** Row id, or the ARN of an AWS managed policy. */
  readonly id: string;
}

export const getAccountAuthorizationDetails = operation<
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
  IamPorts
>({
  checks: (_input, call) => [accountCheck(call, 'iam:GetAccountAuthorizationDetails')],
  async handle(input, call, ports) {
    const wanted = order.filter((kind) => !input.Filter?.length || input.Filter.includes(kind));
    const { items, rest } = await pageOfRows(call, input, (after, limit) => places(call, wanted, after, limit));
    const { account } = call.scope;
    const of = async <T>(kind: EntityType, detail: (id: string) => Promise<T | undefined>): Promise<T[]> => {
      const found = await Promise.all(items.filter((item) => item.kind === kind).map((item) => detail(item.id)));
      return found.filter((item): item is Awaited<T> & {} => item !== undefined);
    };
    return {
      UserDetailList: await of('User', (id) => userDetail(call.change, account, id)),
      GroupDetailList: await of('Group', (id) => groupDetail(call.change, account, id)),
      RoleDetailList: await of('Role', (id) => roleDetail(call.change, account, id, ports)),
      Policies: [
        ...(await of('LocalManagedPolicy', (id) => customerManagedDetail(call.change, account, id))),
        ...(await of('AWSManagedPolicy', (arn) => awsManagedDetail(call.change, account, arn))),
      ],
      ...rest,
    };
  },
});

async function places(
  call: CheckCall,
  wanted: readonly EntityType[],
  after: string | undefined,
  limit: number,
): Promise<Row<Place>[]> {
  const rows: Row<Place>[] = [];
  for (const kind of wanted) {
    const stage = `${order.indexOf(kind as (typeof order)[number])}|`;
    if (after !== undefined && after >= stage && !after.startsWith(stage)) continue;
    const from = after?.startsWith(stage) ? after.slice(stage.length) : undefined;
    for (const id of await idsOf(call, kind, from, limit - rows.length)) {
      rows.push({ id: `${stage}${id}`, value: { kind, id } });
    }
    if (rows.length >= limit) break;
  }
  return rows;
}

async function idsOf(
  call: CheckCall,
  kind: EntityType,
  after: string | undefined,
  limit: number,
): Promise<readonly string[]> {
  const { account } = call.scope;
  if (kind === 'AWSManagedPolicy') {
    const used = await usedAwsManagedPolicies(call.change, account);
    return used.filter((arn) => after === undefined || arn > after).slice(0, limit);
  }
  const range = { limit, ...(after !== undefined && { after }) };
  const rows =
    kind === 'User'
      ? await call.change.list(users, account, range)
      : kind === 'Group'
        ? await call.change.list(groups, account, range)
        : kind === 'Role'
          ? await call.change.list(roles, account, range)
          : await call.change.list(policies, account, range);
  return rows.map((row) => row.id);
}
