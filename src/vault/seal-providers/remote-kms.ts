/**
 * A root key sealed by a key of another KMS (another Bailey, or AWS), asked over the network each time that the vault opens.
 * The only thing for which the vault process makes a connection, and only if it is configured.
 */
import { randomUUID } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import type { Parameters, RootSeal } from './provider.ts';

export interface RemoteKms {
  /** `https://kms.example.com`; AWS's own by default. */
  readonly endpoint?: string;
  readonly region: string;
  /** ARN of the key. */
  readonly keyId: string;
}

const attempts = 3;
const timeoutMs = 5_000;

export function remoteKmsSeal({ endpoint, region, keyId }: RemoteKms): RootSeal {
  /** Bound to this vault: what another vault sealed under the same key does not open here. */
  const context = (parameters: Parameters) => ({ purpose: 'bailey vault root key', vault: String(parameters.vault) });

  async function ask<T>(call: (kms: Connected) => Promise<T>): Promise<T> {
    const kms = await connect(region, endpoint);
    try {
      return await call(kms);
    } catch (error) {
      if (error instanceof VaultError) throw error;
      // Names only: what else an answer says is not for our logs.
      const name = error instanceof Error ? error.name : 'no answer';
      throw new VaultError('sealed', `The KMS that seals the root key did not help: ${name}. The vault tries again.`);
    } finally {
      kms.client.destroy();
    }
  }

  return {
    kind: 'kms',
    wants: undefined,
    close: (root, before) =>
      ask(async ({ client, EncryptCommand }) => {
        const parameters: Parameters = before ?? { keyId, vault: randomUUID() };
        const { CiphertextBlob } = await client.send(
          new EncryptCommand({ KeyId: keyId, Plaintext: root, EncryptionContext: context(parameters) }),
        );
        return { parameters: { ...parameters, keyId }, sealed: Buffer.from(CiphertextBlob ?? []) };
      }),
    open: (sealed, parameters) =>
      ask(async ({ client, DecryptCommand }) => {
        const { Plaintext } = await client.send(
          new DecryptCommand({
            KeyId: String(parameters.keyId),
            CiphertextBlob: sealed,
            EncryptionContext: context(parameters),
          }),
        );
        if (Plaintext?.byteLength !== 32)
          throw new VaultError('sealed', 'The KMS gave something else than a root key.');
        const root = Buffer.from(Plaintext);
        Plaintext.fill(0);
        return root;
      }),
    wipe: () => undefined,
  };
}

/** Credentials come from the environment or the files that it names, never from the data folder. */
async function connect(region: string, endpoint: string | undefined) {
  const { KMSClient, EncryptCommand, DecryptCommand } = await import('@aws-sdk/client-kms');
  const client = new KMSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs },
  });
  return { client, EncryptCommand, DecryptCommand };
}

type Connected = Awaited<ReturnType<typeof connect>>;
