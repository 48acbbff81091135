/** KMS keys of this instance, as the XKS proxy serves them: each use is a call of a service principal, decided and recorded. */
import { createHash } from 'node:crypto';
import type { DecryptResponse, DescribeKeyResponse, EncryptResponse } from '@aws-sdk/client-kms';
import { parseKeyArn } from '../services/kms/arns.ts';
import type { KeyVault } from '../services/kms/ports.ts';
import { aliases, type KeyRow, keyPartition, keys } from '../services/kms/state.ts';
import { type Actor, AwsError } from '../services/service.ts';
import type { Store } from '../store/store.ts';
import { joinCiphertext, splitCiphertext } from '../vault/ciphertext.ts';
import { type Asking, type Encrypted, type ExternalKeys, ProxyRefusal, type RefusalName } from '../xks-proxy/ports.ts';

/**
 * What a proxy may give away beside ciphertext, vector and tag is 20 bytes: the version of this layout, the beginning of the
 * material's id, and the nonce from which the vault derives the key of one ciphertext. The vault authenticates all of it.
 */
const layout = 1;
const idBytes = 3;

const errorNames: Readonly<Record<string, RefusalName>> = {
  AccessDenied: 'AccessDeniedException',
  AccessDeniedException: 'AccessDeniedException',
  NotFoundException: 'KeyNotFoundException',
  DisabledException: 'InvalidStateException',
  KMSInvalidStateException: 'InvalidStateException',
  InvalidKeyUsageException: 'InvalidKeyUsageException',
  InvalidCiphertextException: 'InvalidCiphertextException',
  ThrottlingException: 'ThrottlingException',
};

export interface ExternalKeysParts {
  readonly actor: Actor;
  readonly store: Pick<Store, 'get'>;
  readonly vault: Pick<KeyVault, 'random'>;
}

export function externalKeys({ actor, store, vault }: ExternalKeysParts): ExternalKeys {
  /** As KMS itself would, when it uses a key for a custom key store: the key's policy must allow that. */
  const call = async <T>(arn: string, operation: string, input: object, { kmsKeyArn }: Asking): Promise<T> => {
    const { region, account } = parseKeyArn(arn) ?? notFound();
    const identity = {
      as: 'service' as const,
      name: `cks.kms.${region}.amazonaws.com`,
      region,
      sourceAccount: account,
      ...(kmsKeyArn !== undefined && { sourceArn: kmsKeyArn }),
    };
    try {
      return (await actor.call(identity, 'kms', operation, { KeyId: arn, ...input })) as T;
    } catch (error) {
      throw refusal(error);
    }
  };
  const rowOf = async (arn: string): Promise<KeyRow> => {
    const { region, account, resource } = parseKeyArn(arn) ?? notFound();
    const partition = keyPartition(account, region);
    const alias = resource.startsWith('alias/') ? await store.get(aliases, partition, resource) : undefined;
    return (await store.get(keys, partition, alias?.keyId ?? resource.slice('key/'.length))) ?? notFound();
  };
  return {
    async isEnabled(arn, asking) {
      const { KeyMetadata: key } = await call<DescribeKeyResponse>(arn, 'DescribeKey', {}, asking);
      if (key?.KeySpec !== 'SYMMETRIC_DEFAULT' || key.CustomKeyStoreId !== undefined) throw unsuited();
      return key.KeyState === 'Enabled';
    },
    async encrypt(arn, plaintext, aad, asking) {
      const input = { Plaintext: plaintext, EncryptionContext: contextOf(aad) };
      const { CiphertextBlob } = await call<EncryptResponse>(arn, 'Encrypt', input, asking);
      const parts = CiphertextBlob && splitCiphertext(CiphertextBlob);
      if (!parts) throw unsuited();
      const start = Buffer.from(parts.head.materialId, 'hex').subarray(0, idBytes);
      return {
        ciphertext: parts.body,
        metadata: Buffer.concat([Buffer.from([layout]), start, parts.nonce]),
        iv: parts.iv,
        tag: parts.tag,
      };
    },
    async decrypt(arn, encrypted, aad, asking) {
      const { metadata, iv } = encrypted;
      if (metadata.byteLength !== 1 + idBytes + 16 || metadata[0] !== layout || iv.byteLength !== 12) throw damaged();
      const { account, id, materials } = await rowOf(arn);
      const start = Buffer.from(metadata.subarray(1, 1 + idBytes)).toString('hex');
      const candidates = materials.filter((one) => one.id.startsWith(start));
      for (const { id: materialId } of candidates) {
        const blob = whole({ account, keyId: id, materialId }, encrypted);
        const input = { CiphertextBlob: blob, EncryptionContext: contextOf(aad) };
        const answer = call<DecryptResponse>(arn, 'Decrypt', input, asking);
        if (candidates.length === 1) return (await answer).Plaintext ?? Buffer.alloc(0);
        const { Plaintext } = await answer.catch((error) => notThisOne(error));
        if (Plaintext) return Plaintext;
      }
      throw damaged();
    },
    isHealthy: () =>
      vault.random(1).then(
        () => true,
        () => false,
      ),
  };
}

const contextOf = (aad: Uint8Array) => ({ 'xks:aad': createHash('sha256').update(aad).digest('hex') });

function whole(head: { account: string; keyId: string; materialId: string }, made: Encrypted): Buffer {
  const nonce = made.metadata.subarray(1 + idBytes);
  return joinCiphertext({ head, nonce, iv: made.iv, body: made.ciphertext, tag: made.tag });
}

/** Two materials whose ids begin alike: the next may be the right one. */
function notThisOne(error: unknown): DecryptResponse {
  if (error instanceof ProxyRefusal && error.errorName === 'InvalidCiphertextException') return {};
  throw error;
}

function refusal(error: unknown): ProxyRefusal {
  if (!(error instanceof AwsError)) return new ProxyRefusal('InternalException', 'The key manager failed.');
  const name = errorNames[error.code];
  if (name === 'AccessDeniedException') return new ProxyRefusal(name, "The key's policy does not allow it.");
  return new ProxyRefusal(name ?? 'InternalException', name ? 'The key manager refused.' : 'The key manager failed.');
}

function notFound(): never {
  throw new ProxyRefusal('KeyNotFoundException', 'There is no such external key.');
}

const unsuited = (): ProxyRefusal => new ProxyRefusal('InvalidKeyUsageException', 'The key is of another kind.');
const damaged = (): ProxyRefusal => new ProxyRefusal('InvalidCiphertextException', 'The ciphertext is invalid.');
