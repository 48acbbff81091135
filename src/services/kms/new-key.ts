/** What a caller may ask of a new key, and the row that comes of it. */
import type { CreateKeyRequest } from '@aws-sdk/client-kms';
import type { CheckCall } from '../service.ts';
import { requireStoreMembers } from './custom-key-stores/new-key.ts';
import { validation } from './errors.ts';
import { keySpecs, requireSm2 } from './key-specs.ts';
import type { KmsPorts } from './ports.ts';
import type { KeyRow, Origin } from './state.ts';

export type Wanted = Pick<KeyRow, 'spec' | 'usage' | 'origin'> & { readonly isMultiRegion: boolean };

/** @throws AwsError ValidationException, UnsupportedOperationException */
export function wantedKey(input: CreateKeyRequest, region: string, ports: KmsPorts): Wanted {
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
    throw validation(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  }
  const spec: string = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  const usages = Object.keys(keySpecs[spec] ?? {});
  if (input.KeyUsage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const usage: string = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (!usages.includes(usage)) throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  requireSm2(spec, region, ports);
  const origin: Origin = input.Origin ?? 'AWS_KMS';
  const isMultiRegion = input.MultiRegion ?? false;
  requireStoreMembers(input, { spec, origin });
  return { spec, usage, origin, isMultiRegion };
}

/** `mrk-` tells keys that may have replicas from the others. */
export function newKeyId(call: CheckCall, isMultiRegion: boolean): string {
  const id = call.random.uuid();
  return isMultiRegion ? `mrk-${id.replaceAll('-', '')}` : id;
}
