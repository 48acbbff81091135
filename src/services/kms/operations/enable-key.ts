/** EnableKey, DisableKey and UpdateKeyDescription. A disabled key makes what it protects unreadable at once. */
import type { DisableKeyRequest, EnableKeyRequest, UpdateKeyDescriptionRequest } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyCheck } from '../checks.ts';
import { findKey } from '../find-key.ts';
import { requireCustomerKey, requireUsable } from '../key-states.ts';
import { trailingDays } from '../last-usage.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition, keys } from '../state.ts';
import { notedKey } from '../use.ts';

export const EnableKey = operation<EnableKeyRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'EnableKey' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'EnableKey');
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...key, state: 'Enabled' });
    return {};
  },
});

export const DisableKey = operation<DisableKeyRequest, object, KmsPorts>({
  checks: async (input, call, ports) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'DisableKey',
      context: await trailingDays(call, ports, input.KeyId),
    }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'DisableKey');
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...key, state: 'Disabled' });
    return {};
  },
});

export const UpdateKeyDescription = operation<UpdateKeyDescriptionRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'UpdateKeyDescription' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'UpdateKeyDescription');
    call.change.put(keys, keyPartition(key.account, key.region), key.id, { ...key, description: input.Description });
    return {};
  },
});
