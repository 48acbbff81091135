/** EnableMFADevice, ResyncMFADevice, DeactivateMFADevice, ListMFADevices and GetMFADevice: devices of users and of root. */
import type {
  DeactivateMFADeviceRequest,
  EnableMFADeviceRequest,
  GetMFADeviceRequest,
  GetMFADeviceResponse,
  ListMFADevicesRequest,
  ListMFADevicesResponse,
  MFADevice,
  ResyncMFADeviceRequest,
} from '@aws-sdk/client-iam';
import { AwsError, type Call, type CheckCall, operation } from '../../service.ts';
import { subjectCheck } from '../checks.ts';
import { invalidAuthenticationCode, quotaExceeded, validationError } from '../errors.ts';
import { deviceNamed, deviceOf, shownDevice } from '../mfa/find.ts';
import { type DeviceHolder, deviceHolder, deviceSubject } from '../mfa/holder.ts';
import { deviceKey, mfaDevices } from '../mfa/state.ts';
import { withCodes } from '../mfa/verification.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';

interface Input {
  readonly UserName?: string | undefined;
}

/** The device is the user's, and so is the resource of all these actions. */
const checks = (action: string) => async (input: Input, call: CheckCall) => [
  await subjectCheck(call, `iam:${action}`, await deviceSubject(call, input.UserName)),
];

async function holderOf(input: Input, call: Call): Promise<DeviceHolder> {
  return deviceHolder(call.change, call.scope.account, await deviceSubject(call, input.UserName));
}

/** @throws ValidationError, whose message does not repeat what was typed */
function codesOf(input: { readonly AuthenticationCode1: string; readonly AuthenticationCode2: string }) {
  const codes = [input.AuthenticationCode1, input.AuthenticationCode2] as const;
  for (const [index, code] of codes.entries()) {
    if (/^[0-9]{6}$/.test(code)) continue;
    throw validationError(
      `The specified value for 'authenticationCode${index + 1}' is invalid. It must be a six-digit decimal number`,
    );
  }
  return codes;
}

const record = { hide: ['AuthenticationCode1', 'AuthenticationCode2'] };

export const enableMFADevice = operation<EnableMFADeviceRequest, object, IamPorts>({
  record,
  checks: checks('EnableMFADevice'),
  async handle(input, call, ports) {
    const { account } = call.scope;
    const holder = await holderOf(input, call);
    const codes = codesOf(input);
    const row = await deviceNamed(call.change, account, input.SerialNumber);
    if (row.holder !== undefined) {
      throw new AwsError('EntityAlreadyExists', 'MFADevice is already in use.', { status: 409 });
    }
    const limit = ports.quotas.mfaDevicesPerUser;
    if (holder.deviceKeys.length >= limit) throw quotaExceeded('MFADevicesPerUser', limit);
    const enabled = withCodes(row, codes, call.now, 'enable');
    if (!enabled) throw invalidAuthenticationCode();
    const key = deviceKey(row.path, row.name);
    call.change.put(mfaDevices, account, key, { ...enabled, holder: holder.id, enabledAt: call.now });
    holder.write([...holder.deviceKeys, key]);
    return {};
  },
});

export const resyncMFADevice = operation<ResyncMFADeviceRequest, object, IamPorts>({
  record,
  checks: checks('ResyncMFADevice'),
  async handle(input, call) {
    const { account } = call.scope;
    const holder = await holderOf(input, call);
    const codes = codesOf(input);
    const row = await deviceOf(call.change, account, holder, input.SerialNumber);
    const synchronized = withCodes(row, codes, call.now, 'resynchronize');
    if (!synchronized) throw invalidAuthenticationCode();
    call.change.put(mfaDevices, account, deviceKey(row.path, row.name), synchronized);
    return {};
  },
});

/** The device stays, with its seed and the codes that it has used: it may be enabled again, or deleted. */
export const deactivateMFADevice = operation<DeactivateMFADeviceRequest, object, IamPorts>({
  checks: checks('DeactivateMFADevice'),
  async handle(input, call) {
    const { account } = call.scope;
    const holder = await holderOf(input, call);
    const row = await deviceOf(call.change, account, holder, input.SerialNumber);
    const { holder: _holder, enabledAt: _enabledAt, drift: _drift, ...rest } = row;
    const key = deviceKey(row.path, row.name);
    call.change.put(mfaDevices, account, key, rest);
    holder.write(holder.deviceKeys.filter((one) => one !== key));
    return {};
  },
});

export const listMFADevices = operation<ListMFADevicesRequest, ListMFADevicesResponse, IamPorts>({
  checks: checks('ListMFADevices'),
  async handle(input, call) {
    const { account } = call.scope;
    const holder = await holderOf(input, call);
    const devices: MFADevice[] = [];
    for (const key of holder.deviceKeys) {
      const row = await call.change.get(mfaDevices, account, key);
      if (row) devices.push(shownDevice(account, holder.userName, row));
    }
    const { items, rest } = pageOf(call, input, devices, (device) => device.SerialNumber ?? '');
    return { MFADevices: items, ...rest };
  },
});

export const getMFADevice = operation<GetMFADeviceRequest, GetMFADeviceResponse, IamPorts>({
  checks: checks('GetMFADevice'),
  async handle(input, call) {
    const { account } = call.scope;
    const holder = await holderOf(input, call);
    const { SerialNumber } = input;
    return {
      ...shownDevice(account, holder.userName, await deviceOf(call.change, account, holder, SerialNumber)),
      SerialNumber,
    };
  },
});
