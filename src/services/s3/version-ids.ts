/** Version ids: opaque to clients; to us they tell where the version lies, so that finding one is one read. */
import type { Random } from '../service.ts';
import { invalidArgument } from './errors.ts';

/** The version id of objects written while versioning is off or suspended. */
export const nullVersion = 'null';

const sequenceBytes = 7;
const idBytes = 24;

/** 32 characters that nobody can guess. */
export function newVersionId(sequence: number, random: Random): string {
  const bytes = Buffer.alloc(idBytes);
  bytes.writeBigUInt64BE(BigInt(sequence) << 8n);
  bytes.set(random.bytes(idBytes - sequenceBytes), sequenceBytes);
  return bytes.toString('base64url');
}

/** The sequence within; throws InvalidArgument for what is no version id. */
export function sequenceOf(versionId: string): number {
  const bytes = Buffer.from(versionId, 'base64url');
  const isOurs = bytes.length === idBytes && bytes.toString('base64url') === versionId;
  const sequence = isOurs ? bytes.readBigUInt64BE() >> 8n : undefined;
  if (sequence === undefined || sequence > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  }
  return Number(sequence);
}
