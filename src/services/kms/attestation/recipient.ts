/** Recipients of answers: an attested environment alone reads the plaintext, and policies see what it measured. */
import { createPublicKey } from 'node:crypto';
import type { RecipientInfo } from '@aws-sdk/client-kms';
import type { CheckCall, ConditionValues } from '../../service.ts';
import { validation } from '../errors.ts';
import type { KmsPorts, Recipient } from '../ports.ts';
import { type Attestation, AttestationError, readAttestation } from './document.ts';

/** A call asks twice: for its authorization, and for its answer. */
const known = new WeakMap<RecipientInfo, Attestation>();

/** @throws AwsError ValidationException for a document that proves nothing */
function attested(info: RecipientInfo, call: CheckCall, { settings }: KmsPorts): Attestation {
  const before = known.get(info);
  if (before) return before;
  const { AttestationDocument, KeyEncryptionAlgorithm } = info;
  if (AttestationDocument === undefined || KeyEncryptionAlgorithm === undefined) {
    throw validation('Recipient needs KeyEncryptionAlgorithm and AttestationDocument.');
  }
  try {
    const attestation = readAttestation(AttestationDocument, settings.attestationRoots, call.now);
    requireRsa(attestation.publicKey);
    known.set(info, attestation);
    return attestation;
  } catch (error) {
    if (error instanceof AttestationError) throw validation(error.message);
    throw error;
  }
}

function requireRsa(spki: Buffer): void {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048) return;
  } catch {
    // The same answer as for another kind of key.
  }
  throw new AttestationError('The public key of the attestation document must be an RSA key of 2048 bits at least.');
}

/** For the vault: who alone shall read the answer. */
export function recipientOf(
  info: RecipientInfo | undefined,
  call: CheckCall,
  ports: KmsPorts,
): { readonly recipient?: Recipient } {
  return info === undefined ? {} : { recipient: { publicKey: attested(info, call, ports).publicKey } };
}

/** "Condition keys for AWS Nitro Enclaves" and "for NitroTPM": digests in lower-case hexadecimal. */
export function attestedContext(info: RecipientInfo | undefined, call: CheckCall, ports: KmsPorts): ConditionValues {
  if (info === undefined) return {};
  const { pcrs, nitroTpmPcrs } = attested(info, call, ports);
  const shown = (prefix: string, registers: ReadonlyMap<number, Buffer>) =>
    [...registers].map(([index, digest]) => [`kms:RecipientAttestation:${prefix}${index}`, digest.toString('hex')]);
  return {
    ...Object.fromEntries([...shown('PCR', pcrs), ...shown('NitroTPMPCR', nitroTpmPcrs)]),
    // The measurement of the image.
    'kms:RecipientAttestation:ImageSha384': pcrs.get(0)?.toString('hex'),
  };
}

/** The member that holds the secret, or the envelope in its place. */
export function secretMember<M extends string>(
  member: M,
  { plaintext, forRecipient }: { readonly plaintext?: Uint8Array; readonly forRecipient?: Uint8Array },
): { readonly [K in M]?: Uint8Array } & { readonly CiphertextForRecipient?: Uint8Array } {
  if (forRecipient !== undefined) return { CiphertextForRecipient: forRecipient } as never;
  return { [member]: plaintext } as never;
}
