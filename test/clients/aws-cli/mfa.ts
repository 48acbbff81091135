/** MFA devices with the aws CLI: the seed and the picture in files, enabling by two codes, a session by a third. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authenticator } from '../../support/authenticator.ts';
import { accountId } from '../../support/instance.ts';
import type { Cli } from './cli.ts';

export async function mfaChecks(aws: Cli): Promise<void> {
  const { check, folder } = aws.bench;
  const serial = `arn:aws:iam::${accountId}:mfa/phone`;
  let app: Authenticator | undefined;

  await check('iam create-virtual-mfa-device writes the seed, or a picture', async () => {
    const make = 'iam create-virtual-mfa-device --query VirtualMFADevice.SerialNumber';
    const seed = join(folder, 'phone.seed');
    await aws.prints(
      `${make} --virtual-mfa-device-name phone --bootstrap-method Base32StringSeed --outfile ${seed}`,
      serial,
    );
    const text = await readFile(seed, 'utf8');
    assert.match(text, /^[A-Z2-7]{64}$/);
    app = new Authenticator(text);
    const picture = join(folder, 'picture.png');
    await aws.text(`${make} --virtual-mfa-device-name picture --bootstrap-method QRCodePNG --outfile ${picture}`);
    assert.equal((await readFile(picture)).toString('latin1', 1, 4), 'PNG');
  });

  await check('iam enable-mfa-device, sts get-session-token with a code, and no code twice', async () => {
    assert(app, 'there is no device');
    const now = Date.now();
    const codes = `--authentication-code1 ${app.code(now, -2)} --authentication-code2 ${app.code(now, -1)}`;
    const enable = `iam enable-mfa-device --user-name admin --serial-number ${serial}`;
    await aws.refused(
      `${enable} --authentication-code1 ${app.wrong(now)} --authentication-code2 ${app.code(now)}`,
      /\(InvalidAuthenticationCode\).*Authentication code for device is not valid/,
    );
    await aws.text(`${enable} ${codes}`);
    await aws.prints('iam list-mfa-devices --query MFADevices[].SerialNumber', [serial]);
    const session = `sts get-session-token --serial-number ${serial} --token-code ${app.code(Date.now())}`;
    const token = (await aws.json(`${session} --query Credentials.SessionToken`)) as string;
    assert(token.length > 100);
    await aws.refused(session, /\(AccessDenied\).*with invalid MFA one time pass code/);
    await aws.text(`iam deactivate-mfa-device --user-name admin --serial-number ${serial}`);
    await aws.text(`iam delete-virtual-mfa-device --serial-number ${serial}`);
  });
}
