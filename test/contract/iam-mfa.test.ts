/** MFA devices over the real SDK: for each operation a success and a modelled error. */
import {
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteConflictException,
  DeleteUserCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  EntityAlreadyExistsException,
  GenerateCredentialReportCommand,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetMFADeviceCommand,
  IAMClient,
  InvalidAuthenticationCodeException,
  LimitExceededException,
  ListMFADevicesCommand,
  ListMFADeviceTagsCommand,
  ListVirtualMFADevicesCommand,
  NoSuchEntityException,
  ResyncMFADeviceCommand,
  TagMFADeviceCommand,
  UntagMFADeviceCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authenticator, enableDevice, MovedClock } from '../support/authenticator.ts';
import { accountId, rootKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
let clock: MovedClock;

beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  clock = new MovedClock(instance.advance);
});
afterAll(async () => {
  iam?.destroy();
  await instance?.stop();
});

const serial = (name: string) => `arn:aws:iam::${accountId}:mfa/${name}`;
const missing = serial('no-such-device');
const user = async (UserName: string) => {
  await iam.send(new CreateUserCommand({ UserName }));
  return UserName;
};
const virtual = async (VirtualMFADeviceName: string, Path?: string) => {
  const made = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName, Path }));
  const seed = Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString();
  return { SerialNumber: made.VirtualMFADevice?.SerialNumber ?? '', seed, app: new Authenticator(seed) };
};
const codes = (app: Authenticator, ahead = 0) => ({
  AuthenticationCode1: app.code(clock.now(), ahead - 1),
  AuthenticationCode2: app.code(clock.now(), ahead),
});
const devicesOf = async (UserName: string) =>
  (await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices ?? [];

test('CreateVirtualMFADevice: serial number, seed and picture; another at the same place is refused', async () => {
  const answer = await iam.send(
    new CreateVirtualMFADeviceCommand({
      VirtualMFADeviceName: 'Phone',
      Path: '/shop/',
      Tags: [{ Key: 'team', Value: 'till' }],
    }),
  );
  expect(answer.VirtualMFADevice).toMatchObject({
    SerialNumber: serial('shop/Phone'),
    Tags: [{ Key: 'team', Value: 'till' }],
  });
  expect(Buffer.from(answer.VirtualMFADevice?.Base32StringSeed ?? []).toString()).toMatch(/^[A-Z2-7]{64}$/);
  expect(Buffer.from(answer.VirtualMFADevice?.QRCodePNG ?? []).toString('latin1', 1, 4)).toBe('PNG');
  const again = { VirtualMFADeviceName: 'phone', Path: '/shop/' };
  await expect(iam.send(new CreateVirtualMFADeviceCommand(again))).rejects.toThrow(EntityAlreadyExistsException);
  // Elsewhere is another device, with another seed.
  const other = await virtual('Phone');
  expect(other.SerialNumber).toBe(serial('Phone'));
  expect(answer.VirtualMFADevice?.Base32StringSeed).not.toEqual(Buffer.from(other.seed));
  await expect(iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'a/b' }))).rejects.toMatchObject({
    name: 'ValidationError',
  });
});

test('EnableMFADevice takes two codes that follow each other, once', async () => {
  const UserName = await user('enable');
  const { SerialNumber, app } = await virtual('enable');
  const send = (given: object, whose = UserName) =>
    iam.send(new EnableMFADeviceCommand({ UserName: whose, SerialNumber, ...codes(app), ...given }));
  const same = app.code(clock.now());
  for (const wrong of [
    { AuthenticationCode1: same, AuthenticationCode2: same },
    { AuthenticationCode1: app.code(clock.now()), AuthenticationCode2: app.code(clock.now(), -1) },
    { AuthenticationCode2: app.wrong(clock.now()) },
    codes(app, 40),
    codes(app, -40),
  ]) {
    await expect(send(wrong)).rejects.toThrow(InvalidAuthenticationCodeException);
  }
  for (const AuthenticationCode1 of ['12345', '12345a', '1234567']) {
    const refusal = await send({ AuthenticationCode1 }).catch((error: Error) => error);
    expect(refusal).toMatchObject({ name: 'ValidationError' });
  }
  await expect(send({}, 'no-such-user')).rejects.toThrow(NoSuchEntityException);
  await expect(send({ SerialNumber: missing })).rejects.toThrow(NoSuchEntityException);
  expect(await devicesOf(UserName)).toEqual([]);

  await send({});
  expect(await devicesOf(UserName)).toEqual([{ UserName, SerialNumber, EnableDate: expect.any(Date) }]);
  await expect(send({}, await user('enable-too'))).rejects.toThrow(EntityAlreadyExistsException);
});

test('a ninth device is refused', async () => {
  const UserName = await user('collector');
  for (let each = 1; each <= 8; each += 1) await enableDevice(iam, UserName, clock.now, `collector-${each}`);
  await expect(enableDevice(iam, UserName, clock.now, 'collector-9')).rejects.toThrow(LimitExceededException);
  const page = await iam.send(new ListMFADevicesCommand({ UserName, MaxItems: 5 }));
  expect(page).toMatchObject({ IsTruncated: true });
  const rest = await iam.send(new ListMFADevicesCommand({ UserName, Marker: page.Marker }));
  expect([...(page.MFADevices ?? []), ...(rest.MFADevices ?? [])]).toHaveLength(8);
});

test('ResyncMFADevice finds a clock that is off, and codes of that clock are right from then on', async () => {
  const UserName = await user('late');
  const { serial: SerialNumber, app } = await enableDevice(iam, UserName, clock.now);
  const resync = (given: object) => iam.send(new ResyncMFADeviceCommand({ UserName, SerialNumber, ...given } as never));
  await expect(resync({ ...codes(app), AuthenticationCode2: app.wrong(clock.now()) })).rejects.toThrow(
    InvalidAuthenticationCodeException,
  );
  await expect(resync(codes(app, 500))).rejects.toThrow(InvalidAuthenticationCodeException);
  // Those of enabling are used up.
  await expect(resync(codes(app))).rejects.toThrow(InvalidAuthenticationCodeException);
  await expect(resync({ ...codes(app, 60), SerialNumber: missing })).rejects.toThrow(NoSuchEntityException);
  await resync(codes(app, 60));
  await clock.nextCode();
  // Resynchronized to the true clock again: but not with codes from before those that were used.
  await expect(resync(codes(app))).rejects.toThrow(InvalidAuthenticationCodeException);
});

test('DeactivateMFADevice: of the user who has it only; the device stays, and may be enabled again', async () => {
  const UserName = await user('leaver');
  const { serial: SerialNumber, app } = await enableDevice(iam, UserName, clock.now);
  const deactivate = (whose: string, which = SerialNumber) =>
    iam.send(new DeactivateMFADeviceCommand({ UserName: whose, SerialNumber: which }));
  await expect(deactivate(await user('stayer'))).rejects.toThrow(NoSuchEntityException);
  await expect(deactivate(UserName, missing)).rejects.toThrow(NoSuchEntityException);
  await deactivate(UserName);
  expect(await devicesOf(UserName)).toEqual([]);
  await expect(deactivate(UserName)).rejects.toThrow(NoSuchEntityException);
  // With codes that were not seen before.
  const enable = () => iam.send(new EnableMFADeviceCommand({ UserName: 'stayer', SerialNumber, ...codes(app) }));
  await expect(enable()).rejects.toThrow(InvalidAuthenticationCodeException);
  await clock.nextCode(2);
  await enable();
  expect(await devicesOf('stayer')).toHaveLength(1);
});

test('DeleteVirtualMFADevice and DeleteUser wait until a device is deactivated', async () => {
  const UserName = await user('deleted');
  const { serial: SerialNumber } = await enableDevice(iam, UserName, clock.now);
  const deleteDevice = (which = SerialNumber) => iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: which }));
  await expect(deleteDevice()).rejects.toThrow(DeleteConflictException);
  await expect(deleteDevice(missing)).rejects.toThrow(NoSuchEntityException);
  await expect(deleteDevice('arn:aws:iam::444455556666:mfa/deleted')).rejects.toThrow();
  const deleteUser = () => iam.send(new DeleteUserCommand({ UserName }));
  await expect(deleteUser()).rejects.toThrow('must delete MFA device first');
  await expect(deleteUser()).rejects.toThrow(DeleteConflictException);
  await iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }));
  await deleteUser();
  await deleteDevice();
  await expect(deleteDevice()).rejects.toThrow(NoSuchEntityException);
});

test('ListVirtualMFADevices tells which devices are assigned, and to whom; never a seed', async () => {
  const UserName = await user('listed');
  const { serial: SerialNumber } = await enableDevice(iam, UserName, clock.now, 'listed-phone');
  const spare = await virtual('spare');
  const list = async (AssignmentStatus?: 'Assigned' | 'Unassigned' | 'Any') =>
    (await iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus, MaxItems: 1000 }))).VirtualMFADevices ?? [];
  const assigned = (await list('Assigned')).find((device) => device.SerialNumber === SerialNumber);
  expect(assigned).toMatchObject({ EnableDate: expect.any(Date), User: { UserName, Path: '/' } });
  const unassigned = await list('Unassigned');
  expect(unassigned).toContainEqual({ SerialNumber: spare.SerialNumber });
  expect(unassigned.some((device) => device.SerialNumber === SerialNumber)).toBe(false);
  expect(await list()).toHaveLength((await list('Assigned')).length + unassigned.length);
  expect(JSON.stringify(await list())).not.toContain(spare.seed);
  await expect(list('Some' as never)).rejects.toMatchObject({ name: 'ValidationError' });
  // A user keeps devices under a new name.
  await iam.send(new UpdateUserCommand({ UserName, NewUserName: 'renamed' }));
  expect(await devicesOf('renamed')).toHaveLength(1);
  const after = (await list('Assigned')).find((device) => device.SerialNumber === SerialNumber);
  expect(after?.User?.UserName).toBe('renamed');
});

test('GetMFADevice, of the user who has it', async () => {
  const UserName = await user('asked');
  const { serial: SerialNumber } = await enableDevice(iam, UserName, clock.now);
  const answer = await iam.send(new GetMFADeviceCommand({ UserName, SerialNumber }));
  expect(answer).toMatchObject({ UserName, SerialNumber, EnableDate: expect.any(Date) });
  await expect(iam.send(new GetMFADeviceCommand({ UserName: 'admin', SerialNumber }))).rejects.toThrow(
    NoSuchEntityException,
  );
});

test('TagMFADevice, UntagMFADevice and ListMFADeviceTags', async () => {
  const { SerialNumber } = await virtual('tagged');
  const Tags = [
    { Key: 'owner', Value: 'rudy' },
    { Key: 'team', Value: 'till' },
  ];
  await iam.send(new TagMFADeviceCommand({ SerialNumber, Tags }));
  await iam.send(new UntagMFADeviceCommand({ SerialNumber, TagKeys: ['team'] }));
  expect(await iam.send(new ListMFADeviceTagsCommand({ SerialNumber }))).toMatchObject({
    Tags: [{ Key: 'owner', Value: 'rudy' }],
    IsTruncated: false,
  });
  for (const command of [
    new TagMFADeviceCommand({ SerialNumber: missing, Tags }),
    new UntagMFADeviceCommand({ SerialNumber: missing, TagKeys: ['team'] }),
    new ListMFADeviceTagsCommand({ SerialNumber: missing }),
  ]) {
    await expect(iam.send(command as never)).rejects.toThrow(NoSuchEntityException);
  }
});

test('the root user enables a device of its own, which nobody else touches', async () => {
  const root = new IAMClient(instance.clientOptions(rootKeys));
  const name = 'root-account-mfa-device';
  const summary = async () => (await root.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {};
  const before = await summary();
  expect(before.AccountMFAEnabled).toBe(0);
  // Whoever is no root user means an IAM user by that name, and there is none.
  await expect(enableDevice(iam, 'root', clock.now, 'not-roots')).rejects.toThrow(NoSuchEntityException);
  await expect(enableDevice(iam, accountId, clock.now, 'not-roots-either')).rejects.toThrow(NoSuchEntityException);

  const { serial: SerialNumber } = await enableDevice(root, 'root', clock.now, name);
  expect((await root.send(new ListMFADevicesCommand({}))).MFADevices).toMatchObject([{ SerialNumber }]);
  const after = await summary();
  expect(after.AccountMFAEnabled).toBe(1);
  expect(after.MFADevicesInUse).toBe((before.MFADevicesInUse ?? 0) + 1);
  expect(after.MFADevices).toBe((before.MFADevices ?? 0) + 3);
  const { VirtualMFADevices } = await iam.send(new ListVirtualMFADevicesCommand({ MaxItems: 1000 }));
  const shown = VirtualMFADevices?.find((device) => device.SerialNumber === SerialNumber);
  expect(shown?.User?.Arn).toBe(`arn:aws:iam::${accountId}:root`);

  for (const UserName of ['root', accountId]) {
    await expect(iam.send(new DeactivateMFADeviceCommand({ UserName, SerialNumber }))).rejects.toThrow(
      NoSuchEntityException,
    );
  }
  await expect(iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber }))).rejects.toThrow(DeleteConflictException);
  // An IAM user who is called root does not stand in the way: the account's id means root as well.
  await iam.send(new CreateUserCommand({ UserName: 'root' }));
  await expect(root.send(new DeactivateMFADeviceCommand({ UserName: 'root', SerialNumber }))).rejects.toThrow();
  await root.send(new DeactivateMFADeviceCommand({ UserName: accountId, SerialNumber }));
  expect((await summary()).AccountMFAEnabled).toBe(0);
});

test('the credential report tells who has MFA', async () => {
  const UserName = await user('reported');
  await enableDevice(iam, UserName, clock.now);
  await clock.advance(5 * 3600);
  await iam.send(new GenerateCredentialReportCommand({}));
  const { Content } = await iam.send(new GetCredentialReportCommand({}));
  const lines = Buffer.from(Content ?? [])
    .toString()
    .split('\n')
    .map((line) => line.split(','));
  const column = lines[0]?.indexOf('mfa_active') ?? -1;
  const active = (name: string) => lines.find((line) => line[0] === name)?.[column];
  expect([active('reported'), active('admin'), active('<root_account>')]).toEqual(['true', 'false', 'false']);
});

test('GetSessionToken and codes that are none', async () => {
  const { serial: SerialNumber, app } = await enableDevice(iam, 'admin', clock.now, 'admins');
  const sts = new STSClient(instance.clientOptions());
  const ask = (TokenCode: string) => sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }));
  await clock.nextCode();
  await expect(ask(app.wrong(clock.now()))).rejects.toMatchObject({ name: 'AccessDenied' });
  expect((await ask(app.code(clock.now()))).Credentials?.SessionToken).toBeTruthy();
});
