/** GetKeyPolicy, PutKeyPolicy, ListKeyPolicies: one policy a key, always called `default`. */
import type {
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  ListKeyPoliciesRequest,
  ListKeyPoliciesResponse,
  PutKeyPolicyRequest,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { notFound } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { readKeyPolicy, requireNoLockout, shownPolicy } from '../key-policy.ts';
import { requireCustomerKey, requireUsable } from '../key-states.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition, keyPolicies } from '../state.ts';
import { notedKey } from '../use.ts';

function requireDefault(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notFound('No such policy exists');
}

export const GetKeyPolicy = operation<GetKeyPolicyRequest, GetKeyPolicyResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'GetKeyPolicy' }),
  ],
  async handle(input, call, ports) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireDefault(input.PolicyName);
    const policy = await call.change.get(keyPolicies, keyPartition(key.account, key.region), key.id);
    if (!policy) throw notFound('No such policy exists');
    return { Policy: await shownPolicy(policy, ports.principals), PolicyName: 'default' };
  },
});

export const PutKeyPolicy = operation<PutKeyPolicyRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'PutKeyPolicy',
      context: { 'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false) },
    }),
  ],
  async handle(input, call, ports) {
    const found = await notedKey(call, input.KeyId, false);
    const { key } = found;
    requireDefault(input.PolicyName);
    requireCustomerKey(key);
    requireUsable(key, 'PutKeyPolicy');
    const policy = await readKeyPolicy(input.Policy, ports.principals);
    if (!input.BypassPolicyLockoutSafetyCheck) await requireNoLockout(call, found, policy);
    call.change.put(keyPolicies, keyPartition(key.account, key.region), key.id, policy);
    return {};
  },
});

export const ListKeyPolicies = operation<ListKeyPoliciesRequest, ListKeyPoliciesResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'ListKeyPolicies' }),
  ],
  async handle(input, call) {
    await notedKey(call, input.KeyId, false);
    const { rows, rest } = await page(call, input, 100, async () => [{ id: 'default', value: {} }]);
    return { PolicyNames: rows.map(({ id }) => id), ...rest };
  },
});
