/** Uploads framed as the S3 documentation says, with signatures made here and not by the code under test. */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { HttpRequest } from '../types.ts';
import { algorithmOf, type SignatureClaim } from './claim.ts';
import { readSignature } from './read.ts';
import { credentials, httpRequest, time } from './requests.fixture.ts';
import { type ClientCredentials, sign, signText } from './sign.ts';

export interface Upload {
  readonly request: HttpRequest;
  readonly claim: SignatureClaim;
  /** One entry per chunk, then the trailers: joined they are the body. */
  readonly frames: readonly Buffer[];
}

export interface UploadOptions {
  /** Bytes of a chunk. */
  readonly chunk?: number;
  readonly credentials?: ClientCredentials;
  /** Epoch milliseconds. */
  readonly time?: number;
  readonly path?: string;
  readonly host?: string;
  /** In place of the right one. */
  readonly checksum?: string;
}

const crlf = '\r\n';
const emptyHash = hash('sha256', '');

/** As S3 writes CRC32: base64 of four bytes. */
export function crc32Text(bytes: Uint8Array): string {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(crc32(bytes));
  return four.toString('base64');
}

/** @param mode a streaming value of `x-amz-content-sha256` */
export function upload(mode: string, bytes: Buffer, options: UploadOptions = {}): Upload {
  const { chunk = 8192, credentials: client = credentials, path = '/b/k', host = 'localhost:4566' } = options;
  const asymmetric = mode.includes('ECDSA');
  const trailing = mode.endsWith('TRAILER');
  const headers = {
    host,
    'x-amz-decoded-content-length': String(bytes.length),
    'content-encoding': 'aws-chunked',
    ...(trailing ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
  };
  const request = sign(httpRequest({ method: 'PUT', path, headers }), client, {
    region: 'us-east-1',
    service: 's3',
    time: options.time ?? time,
    payload: mode,
    asymmetric,
  });
  const claim = readSignature(request) as SignatureClaim;
  const signedChunks = !mode.includes('UNSIGNED');
  let previous = claim.signature;
  const chain = (kind: string, rest: string) => {
    const text = `${algorithmOf(claim)}-${kind}\n${claim.amzDate}\n${claim.scope}\n${previous}\n${rest}`;
    previous = signText(claim, text, client);
    return asymmetric ? previous.padEnd(144, '*') : previous;
  };
  const opening = (part: Buffer) => {
    const extension = signedChunks
      ? `;chunk-signature=${chain('PAYLOAD', `${emptyHash}\n${hash('sha256', part)}`)}`
      : '';
    return Buffer.from(part.length.toString(16) + extension + crlf);
  };
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    const part = bytes.subarray(at, at + chunk);
    frames.push(Buffer.concat([opening(part), part, Buffer.from(crlf)]));
  }
  frames.push(opening(Buffer.alloc(0)));
  let tail = '';
  if (trailing) {
    const line = `x-amz-checksum-crc32:${options.checksum ?? crc32Text(bytes)}`;
    tail += line + crlf;
    if (signedChunks) tail += `x-amz-trailer-signature:${chain('TRAILER', hash('sha256', `${line}\n`))}${crlf}`;
  }
  frames.push(Buffer.from(tail + crlf));
  return { request, claim, frames };
}
