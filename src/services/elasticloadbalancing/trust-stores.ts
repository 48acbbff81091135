/** Trust stores: reading their files as the caller, and how they are shown. */
import type { TrustStore } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { BlobRef, Reader } from '../../store/store.ts';
import { AwsError, type Call } from '../service.ts';
import { trustStoreArn } from './arns.ts';
import { fileLimit } from './limits.ts';
import type { ElbPorts } from './ports.ts';
import { revocations, type TrustStoreRow, trustStorePartition } from './state.ts';

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
  readonly version?: string | undefined;
}

export interface Kept {
  readonly blob: BlobRef;
  /** Certificates, or entries. */
  readonly count: number;
}

/**
 * Reads an object with the caller's own permissions, checks it, and keeps a copy.
 * @param once names the work, which happens once even if the call runs again
 * @param read what the file holds, and what is to be kept of it; throws the AwsError that says what is wrong with it
 * @param missing for an object that is not there, or not for the caller
 */
export async function keep(
  call: Call,
  { objects, blobs }: Pick<ElbPorts, 'objects' | 'blobs'>,
  once: string,
  object: ObjectName,
  read: (bytes: Uint8Array) => { readonly count: number; readonly content: Uint8Array },
  missing: (message: string) => AwsError,
): Promise<Kept> {
  const kept = await call.once(once, async () => {
    const bytes = await objects.read(call, object, fileLimit).catch((error: unknown) => {
      if (error instanceof RangeError) throw missing('The file is too large');
      if (error instanceof AwsError) throw missing(`The file could not be read from S3: ${error.message}`);
      throw error;
    });
    const { count, content } = read(bytes);
    return { count, blob: blobs.writeAtOnce(content) ?? (await blobs.write(one(content))) };
  });
  call.change.adopt(kept.blob);
  return kept;
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

export async function shownTrustStore(reader: Reader, row: TrustStoreRow): Promise<TrustStore> {
  const own = await reader.list(revocations, trustStorePartition(row));
  return {
    Name: row.name,
    TrustStoreArn: trustStoreArn(row),
    Status: 'ACTIVE',
    NumberOfCaCertificates: row.certificates,
    TotalRevokedEntries: own.reduce((sum, { value }) => sum + value.entries, 0),
  };
}
