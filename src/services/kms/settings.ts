/** What an operator may set: whose attestations are believed, quotas, and whether SM2 is offered everywhere. */
import type { X509Certificate } from 'node:crypto';
import { attestationRoots } from './attestation/roots.ts';
import { documentedQuotas, RequestQuotas } from './request-quotas.ts';

export interface KmsSettings {
  /** Whose attestation documents are believed. */
  readonly attestationRoots: readonly X509Certificate[];
  readonly requestQuotas: RequestQuotas;
  /** "Resource quotas", AWS KMS Developer Guide. */
  readonly keysPerRegion: number;
  readonly grantsPerKey: number;
  /** In all regions, not those of China alone. */
  readonly isSm2Everywhere: boolean;
}

/** As the configuration writes it. */
export interface KmsSettingsInput {
  /** PEM, beside the one of AWS Nitro. */
  readonly attestationRoots?: readonly string[];
  /** AWS's request quotas; none by default, since test suites make keys faster than AWS allows. */
  readonly documentedQuotas?: boolean;
  readonly requestQuotas?: readonly { readonly quota: string; readonly perSecond: number }[];
  readonly keysPerRegion?: number;
  readonly grantsPerKey?: number;
  readonly sm2Everywhere?: boolean;
}

/** @throws Error for a quota that is none */
export function kmsSettings(input: KmsSettingsInput = {}): KmsSettings {
  const limits = { ...(input.documentedQuotas && documentedQuotas) };
  for (const { quota, perSecond } of input.requestQuotas ?? []) {
    if (!Object.hasOwn(documentedQuotas, quota)) {
      throw new Error(
        `kms.requestQuotas: there is no quota "${quota}". It is one of: ${Object.keys(documentedQuotas).join(', ')}.`,
      );
    }
    limits[quota] = perSecond;
  }
  return {
    attestationRoots: roots(input.attestationRoots),
    requestQuotas: new RequestQuotas(limits),
    keysPerRegion: input.keysPerRegion ?? 100_000,
    grantsPerKey: input.grantsPerKey ?? 50_000,
    isSm2Everywhere: input.sm2Everywhere ?? false,
  };
}

function roots(pems: readonly string[] | undefined): readonly X509Certificate[] {
  try {
    return attestationRoots(pems);
  } catch (error) {
    throw new Error(`kms.attestationRoots: ${(error as Error).message}`);
  }
}
