/** CreateVirtualMFADevice, DeleteVirtualMFADevice and ListVirtualMFADevices. */
import type {
  CreateVirtualMFADeviceRequest,
  CreateVirtualMFADeviceResponse,
  DeleteVirtualMFADeviceRequest,
  ListVirtualMFADevicesRequest,
  ListVirtualMFADevicesResponse,
  VirtualMFADevice,
} from '@aws-sdk/client-iam';
import { AwsError, type Check, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { accountRow } from '../entities.ts';
import { deleteConflict, quotaExceeded } from '../errors.ts';
import { deviceCheck, deviceNamed, shownHolder } from '../mfa/find.ts';
import { base32, provisioningUri, qrCodePng, seedBytes } from '../mfa/seed.ts';
import { deviceKey, deviceSerial, type MfaDeviceRow, mfaDevices } from '../mfa/state.ts';
import { pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { newTags, requestTagValues, tagList } from '../tags.ts';
import { shownTime } from '../times.ts';

/** The seed is told by this answer and by nothing else. */
export const createVirtualMFADevice = operation<
  CreateVirtualMFADeviceRequest,
  CreateVirtualMFADeviceResponse,
  IamPorts
>({
  record: { hide: ['VirtualMFADevice.Base32StringSeed', 'VirtualMFADevice.QRCodePNG'] },
  checks(input, call) {
    const { account } = call.scope;
    const resource = { arn: deviceSerial(account, input.Path ?? '/', input.VirtualMFADeviceName), account };
    const context = requestTagValues(input.Tags);
    const checks: Check[] = [{ action: 'iam:CreateVirtualMFADevice', resource, context }];
    if (input.Tags?.length) checks.push({ action: 'iam:TagMFADevice', resource, context });
    return checks;
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const { VirtualMFADeviceName: name, Path: path = '/' } = input;
    const key = deviceKey(path, name);
    if (await call.change.get(mfaDevices, account, key)) {
      throw new AwsError('EntityAlreadyExists', 'MFADevice entity at the same path and name already exists.', {
        status: 409,
      });
    }
    // "Virtual MFA devices (assigned or unassigned) in an AWS account: equal to the user quota for the account."
    const limit = ports.quotas.users;
    if ((await ports.count(mfaDevices, account)) >= limit) throw quotaExceeded('VirtualMFADevicesPerAccount', limit);
    const seed = call.random.bytes(seedBytes);
    const row: MfaDeviceRow = {
      name,
      path,
      createdAt: call.now,
      seed: Buffer.from(seed).toString('base64'),
      tags: newTags(input.Tags, ports.quotas.tags),
    };
    call.change.put(mfaDevices, account, key, row);
    const secret = base32(seed);
    const accountName = (await accountRow(call.change, account)).alias ?? account;
    return {
      VirtualMFADevice: {
        SerialNumber: deviceSerial(account, path, name),
        Base32StringSeed: Buffer.from(secret),
        QRCodePNG: qrCodePng(provisioningUri(name, accountName, secret)),
        ...(input.Tags?.length && { Tags: tagList(row.tags) }),
      },
    };
  },
});

export const deleteVirtualMFADevice = operation<DeleteVirtualMFADeviceRequest, object, IamPorts>({
  checks: async (input, call) => [await deviceCheck(call, 'DeleteVirtualMFADevice', input.SerialNumber)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await deviceNamed(call.change, account, input.SerialNumber);
    if (row.holder !== undefined) throw deleteConflict('MFA VirtualDevice in use. Must deactivate first.');
    call.change.delete(mfaDevices, account, deviceKey(row.path, row.name));
    return {};
  },
});

export const listVirtualMFADevices = operation<ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListVirtualMFADevices')],
  async handle(input, call) {
    const { account } = call.scope;
    const wanted = input.AssignmentStatus ?? 'Any';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(mfaDevices, account, { limit, ...(after !== undefined && { after }) }),
      (row) => wanted === 'Any' || (wanted === 'Assigned') === (row.holder !== undefined),
    );
    const devices: VirtualMFADevice[] = [];
    for (const row of items) {
      const user = row.holder === undefined ? undefined : await shownHolder(call.change, account, row.holder);
      devices.push({
        SerialNumber: deviceSerial(account, row.path, row.name),
        ...(row.enabledAt !== undefined && { EnableDate: shownTime(row.enabledAt) }),
        ...(user && { User: user }),
      });
    }
    return { VirtualMFADevices: devices, ...rest };
  },
});
