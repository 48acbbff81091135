/** Reads an uploaded body into a blob while its digests run; a body that is not what was announced leaves nothing. */
import { createHash, type Hash, hash, randomBytes } from 'node:crypto';
import type { BlobRef, Blobs } from '../../store/store.ts';
import type { StreamingBody } from '../service.ts';
import {
  checksumAlgorithms,
  checksumHeader,
  checksumMember,
  decodeBase64,
  decodeChecksum,
  foreignChecksum,
  newDigest,
} from './checksums/digest.ts';
import {
  badChecksum,
  badMd5,
  invalidMd5,
  readAlgorithm,
  requireKnownChecksums,
  unsupportedAlgorithm,
} from './digest-errors.ts';
import { type DataKey, type Frames, saltBytes } from './encryption/data-key.ts';
import { entityTooLarge, incompleteBody, invalidRequest } from './errors.ts';
import type { ChecksumAlgorithmName, ObjectEncryption, Piece } from './state.ts';

/** Bytes of one PUT or part: 5 GiB ("Amazon S3 multipart upload limits"). */
export const singleUploadLimit = 5 * 1024 ** 3;

/** As the wire hands a body over. */
export type Body = StreamingBody | Uint8Array | undefined;

/** The digests that PutObject and UploadPart take. */
export interface DigestInput {
  /** Of framed bodies (aws-chunked) more than their bytes. */
  readonly ContentLength?: number | undefined;
  readonly ContentMD5?: string | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
  readonly ChecksumSHA512?: string | undefined;
}

/** Bytes, as they are kept, that lie in a row: few enough for rows of half a page of the database or little more. */
const rowBytes = 1280;

export interface Received {
  readonly piece: Piece;
  readonly size: number;
  /** Of the plaintext, unless it is sealed under a data key: then nobody learns its MD5 by it. */
  readonly etag: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithmName; readonly value: Buffer };
  /** False when nobody asked for a checksum and S3 keeps one of its own. */
  readonly wasAsked: boolean;
  /** What the row must say of these bytes, whatever a later run of the call would have sealed them by. */
  readonly encryption?: ObjectEncryption | undefined;
}

interface Wanted {
  readonly md5?: Buffer;
  readonly algorithm: ChecksumAlgorithmName;
  readonly value?: Buffer;
  /** The value follows in this trailer. */
  readonly trailer?: string;
  readonly wasAsked: boolean;
}

export interface ReceiveOptions {
  /** The algorithm where the request names none: CRC64NVME by default. */
  readonly fallback?: ChecksumAlgorithmName | undefined;
  /** Seals the bytes, where the object has one. */
  readonly dataKey?: DataKey | undefined;
  /** What the row of the object says of that key. */
  readonly encryption?: ObjectEncryption | undefined;
}

/**
 * @throws AwsError EntityTooLarge, BadDigest, InvalidDigest, InvalidRequest; whatever reading the body throws
 */
export async function receive(
  body: Body,
  input: DigestInput,
  blobs: Blobs,
  { fallback = 'CRC64NVME', dataKey, encryption }: ReceiveOptions = {},
): Promise<Received> {
  const stream = toStream(body);
  const wanted = wantedDigests(input, stream, fallback);
  const sealing = dataKey && newSealing(dataKey);
  // Framing adds little: what is announced as twice the limit need not be read first.
  const announced = input.ContentLength ?? 0;
  if (announced > 2 * singleUploadLimit) throw entityTooLarge(announced, singleUploadLimit);
  if (stream.whole) return receiveWhole(await wholeOf(stream.whole()), stream, wanted, blobs, sealing, encryption);
  const md5 = new Md5();
  const digest = newDigest(wanted.algorithm);
  let size = 0;
  const result: { md5?: Buffer; checksum?: Buffer } = {};

  async function* digesting(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > singleUploadLimit) throw entityTooLarge(size, singleUploadLimit);
      md5.update(chunk);
      digest.update(chunk);
      yield chunk;
    }
    // Thrown before the blob is finished, so that it never is.
    result.md5 = md5.digest();
    result.checksum = digest.digest();
    verify(wanted, result.md5, result.checksum, stream);
  }

  const bytes = digesting();
  const blob = await wholeOf(blobs.write(sealing ? sealing.frames.seal(bytes) : bytes));
  return {
    piece: { blob, ...sealingOf(sealing, size) },
    size,
    etag: etagOf(result.md5!, sealing),
    checksum: { algorithm: wanted.algorithm, value: result.checksum! },
    wasAsked: wanted.wasAsked,
    encryption,
  };
}

interface Sealing {
  readonly dataKey: DataKey;
  readonly salt: Buffer;
  readonly frames: Frames;
}

function newSealing(dataKey: DataKey): Sealing {
  const salt = randomBytes(saltBytes);
  return { dataKey, salt, frames: dataKey.frames(salt) };
}

function sealingOf(sealing: Sealing | undefined, size: number): { readonly size?: number; readonly salt?: string } {
  return sealing ? { size, salt: sealing.salt.toString('base64') } : {};
}

function etagOf(md5: Buffer, sealing: Sealing | undefined): string {
  return sealing ? sealing.dataKey.entityTag(md5, sealing.salt) : md5.toString('hex');
}

/** A small body needs no streams, which cost more than the body. */
function receiveWhole(
  bytes: Uint8Array,
  stream: StreamingBody,
  wanted: Wanted,
  blobs: Blobs,
  sealing: Sealing | undefined,
  encryption: ObjectEncryption | undefined,
): Received | Promise<Received> {
  const md5 = md5Of(bytes);
  const digest = newDigest(wanted.algorithm);
  digest.update(bytes);
  const value = digest.digest();
  verify(wanted, md5, value, stream);
  const kept = sealing ? sealing.frames.sealAll(bytes) : bytes;
  const size = bytes.length;
  const received = (place: Place): Received => ({
    piece: sealing ? { ...place, ...sealingOf(sealing, size) } : place,
    size,
    etag: etagOf(md5, sealing),
    checksum: { algorithm: wanted.algorithm, value },
    wasAsked: wanted.wasAsked,
    encryption,
  });
  if (kept.length <= rowBytes) return received({ bytes: kept });
  const blob = blobs.writeAtOnce(kept);
  return blob ? received({ blob }) : blobs.write(once(kept)).then((written) => received({ blob: written }));
}

type Place = { readonly bytes: Uint8Array } | { readonly blob: BlobRef };

/** @throws AwsError IncompleteBody where the client went away in the middle */
async function wholeOf<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isBrokenOff(error) ? incompleteBody() : error;
  }
}

/** The client went away in the middle. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** @throws AwsError InvalidDigest, InvalidRequest */
function wantedDigests(input: DigestInput, body: StreamingBody, fallback: ChecksumAlgorithmName): Wanted {
  const md5 = input.ContentMD5 === undefined ? undefined : decodeBase64(input.ContentMD5, 16);
  if (input.ContentMD5 !== undefined && !md5) {
    throw invalidMd5(input.ContentMD5);
  }
  requireKnownChecksums(input);
  const trailers = body.announcedTrailers ?? [];
  if (trailers.some(foreignChecksum)) throw unsupportedAlgorithm();
  const given = checksumAlgorithms.filter((name) => input[checksumMember[name]] !== undefined);
  const announced =
    trailers.length === 0 ? [] : checksumAlgorithms.filter((name) => trailers.includes(checksumHeader(name)));
  if (given.length + announced.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const algorithm = given[0] ?? announced[0];
  const named = input.ChecksumAlgorithm === undefined ? undefined : readAlgorithm(input.ChecksumAlgorithm);
  if (named !== undefined && algorithm !== undefined && named !== algorithm) {
    throw invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  }
  if (named !== undefined && algorithm === undefined) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const chosen = algorithm ?? fallback;
  const wanted = { algorithm: chosen, wasAsked: algorithm !== undefined, ...(md5 ? { md5 } : {}) };
  if (given[0]) {
    const value = decodeChecksum(given[0], input[checksumMember[given[0]]]!);
    if (!value) throw invalidRequest(`Value for ${checksumHeader(given[0])} header is invalid.`);
    return { ...wanted, value };
  }
  return wanted.wasAsked ? { ...wanted, trailer: checksumHeader(chosen) } : wanted;
}

const none: Readonly<Record<string, string>> = {};

function verify(wanted: Wanted, md5: Buffer, checksum: Buffer, body: StreamingBody): void {
  const trailers = body.trailers?.() ?? none;
  if (wanted.md5 && !wanted.md5.equals(md5)) {
    throw badMd5(wanted.md5, md5);
  }
  let expected = wanted.value;
  if (wanted.trailer) {
    const text = trailers[wanted.trailer];
    expected = text === undefined ? undefined : decodeChecksum(wanted.algorithm, text);
    if (!expected) throw invalidRequest(`Value for ${wanted.trailer} trailing header is invalid.`);
  }
  if (expected && !expected.equals(checksum)) throw badChecksum(wanted.algorithm);
  // A checksum that came unannounced was not computed, so it cannot be confirmed.
  for (const name in trailers) {
    if (name.startsWith('x-amz-checksum-') && name !== wanted.trailer) {
      throw invalidRequest(`The trailing header ${name} was not announced in x-amz-trailer.`);
    }
  }
}

function toStream(body: Body): StreamingBody {
  if (body === undefined) return once(new Uint8Array());
  return body instanceof Uint8Array ? once(body) : body;
}

function once(bytes: Uint8Array): StreamingBody {
  return {
    whole: async () => bytes,
    async *[Symbol.asyncIterator]() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** By way of text, a byte a character: node makes a buffer of its own for a digest, which costs more than both. */
function md5Of(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('md5', bytes, 'binary'), 'latin1');
}

/** Most bodies are one chunk, whose digest in one go costs half as much. */
class Md5 {
  #first: Uint8Array | undefined;
  #running: Hash | undefined;

  update(chunk: Uint8Array): void {
    if (this.#running) {
      this.#running.update(chunk);
    } else if (this.#first) {
      this.#running = createHash('md5').update(this.#first).update(chunk);
      this.#first = undefined;
    } else {
      this.#first = chunk;
    }
  }

  digest(): Buffer {
    return this.#running?.digest() ?? md5Of(this.#first ?? new Uint8Array());
  }
}
