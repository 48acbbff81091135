/** CreateInstanceProfile and DeleteInstanceProfile: the holder through which a machine gets its role. */
import type {
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import { AwsError, operation } from '../../service.ts';
import { instanceProfileCheck, newEntityCheck } from '../checks.ts';
import { instanceProfileNamed } from '../entities.ts';
import { deleteConflict, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import type { IamPorts } from '../ports.ts';
import { shownInstanceProfile } from '../shapes.ts';
import { type InstanceProfileRow, instanceProfiles, rowId, uniqueIds } from '../state.ts';
import { newTags, requestTagValues } from '../tags.ts';

export const createInstanceProfile = operation<CreateInstanceProfileRequest, CreateInstanceProfileResponse, IamPorts>({
  checks(input, call) {
    const { InstanceProfileName: name, Path: path, Tags: tags } = input;
    const values = requestTagValues(tags);
    const check = newEntityCheck(call, 'iam:CreateInstanceProfile', 'instance-profile', path, name, values);
    if (!tags?.length) return [check];
    return [check, newEntityCheck(call, 'iam:TagInstanceProfile', 'instance-profile', path, name, values)];
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const key = rowId(input.InstanceProfileName);
    if (await call.change.get(instanceProfiles, account, key)) {
      const message = `Instance Profile ${input.InstanceProfileName} already exists.`;
      throw new AwsError('EntityAlreadyExists', message, { status: 409 });
    }
    if ((await ports.count(instanceProfiles, account)) >= ports.quotas.instanceProfiles) {
      throw quotaExceeded('InstanceProfilesPerAccount', ports.quotas.instanceProfiles);
    }
    const row: InstanceProfileRow = {
      id: uniqueId('AIPA', call.random),
      name: input.InstanceProfileName,
      path: input.Path ?? '/',
      createdAt: call.now,
      tags: newTags(input.Tags, ports.quotas.tags),
    };
    call.change.put(instanceProfiles, account, key, row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'instance-profile', name: row.name });
    return { InstanceProfile: shownInstanceProfile(account, row, undefined, true) };
  },
});

export const deleteInstanceProfile = operation<DeleteInstanceProfileRequest, object, IamPorts>({
  checks: async (input, call) => [
    await instanceProfileCheck(call, 'iam:DeleteInstanceProfile', input.InstanceProfileName),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await instanceProfileNamed(call.change, account, input.InstanceProfileName);
    if (row.role !== undefined) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    call.change.delete(instanceProfiles, account, rowId(row.name));
    call.change.delete(uniqueIds, '', row.id);
    return {};
  },
});
