/** KMS for tests: clients by caller, keys of every kind, and the error that a call ends with. */
import { CreateKeyCommand, type CreateKeyCommandInput, type KeyMetadata, KMSClient } from '@aws-sdk/client-kms';
import { adminKeys, type Keys, type TestInstance } from './instance.ts';

export function kmsClient(instance: TestInstance, keys: Keys = adminKeys, region = 'us-east-1'): KMSClient {
  return new KMSClient(instance.clientOptions(keys, region));
}

export type MadeKey = KeyMetadata & { KeyId: string; Arn: string };

export async function makeKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<MadeKey> {
  return (await kms.send(new CreateKeyCommand(input))).KeyMetadata as MadeKey;
}

/** `Code: message` of a refused call; throws if it succeeds. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => undefined,
    (error: Error) => error,
  );
  if (!outcome) throw new Error('The call succeeded.');
  // The SDK's word for a message that is not there.
  return outcome.message === 'UnknownError' ? outcome.name : `${outcome.name}: ${outcome.message}`;
}

/** The bytes of a blob member. */
export function bytes(value: Uint8Array | undefined): Buffer {
  if (value === undefined) throw new Error('The answer holds no bytes.');
  return Buffer.from(value);
}
