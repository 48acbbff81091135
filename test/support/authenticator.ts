/** An authenticator app, made from the base32 text or the link alone: nothing of the instance's own code is in it. */
import { createHmac } from 'node:crypto';
import { CreateVirtualMFADeviceCommand, EnableMFADeviceCommand, type IAMClient } from '@aws-sdk/client-iam';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class Authenticator {
  /** base32 */
  readonly seed: string;
  readonly key: Buffer;

  constructor(seed: string) {
    this.seed = seed;
    const bits = [...seed].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
    this.key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  }

  /** @param ahead in steps of thirty seconds */
  code(now: number, ahead = 0): string {
    const counter = Buffer.alloc(8);
    counter.writeUInt32BE(Math.floor(now / 30_000) + ahead, 4);
    const mac = createHmac('sha1', this.key).update(counter).digest();
    const at = (mac[19] as number) & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }

  /** Six digits that are none of the codes around now. */
  wrong(now: number): string {
    const near = [-2, -1, 0, 1, 2].map((ahead) => this.code(now, ahead));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) as string;
  }
}

/** Makes a virtual device and enables it for a user, or for the root user who calls. */
export async function enableDevice(
  iam: IAMClient,
  UserName: string,
  now: () => number,
  VirtualMFADeviceName = UserName,
): Promise<{ readonly serial: string; readonly app: Authenticator }> {
  const { VirtualMFADevice: device } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName }));
  const app = new Authenticator(Buffer.from(device?.Base32StringSeed ?? []).toString());
  const SerialNumber = device?.SerialNumber ?? '';
  const at = now();
  await iam.send(
    new EnableMFADeviceCommand({
      UserName,
      SerialNumber,
      AuthenticationCode1: app.code(at, -1),
      AuthenticationCode2: app.code(at),
    }),
  );
  return { serial: SerialNumber, app };
}

/** A clock that the test moves along with the instance's, so that it knows which code is shown when. */
export class MovedClock {
  readonly #advance: (seconds: number) => Promise<void>;
  #moved = 0;

  constructor(advance: (seconds: number) => Promise<void>) {
    this.#advance = advance;
  }

  readonly now = (): number => Date.now() + this.#moved;

  async advance(seconds: number): Promise<void> {
    await this.#advance(seconds);
    this.#moved += seconds * 1000;
  }

  /** To the beginning of the next thirty seconds, or of a later one: what follows has time before the code changes. */
  async nextCode(steps = 1): Promise<void> {
    const left = 30_000 - (this.now() % 30_000);
    await this.advance(Math.ceil(left / 1000) + 1 + (steps - 1) * 30);
  }
}
