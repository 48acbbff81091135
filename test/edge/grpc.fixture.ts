/** Targets and clients that speak HTTP/2 and gRPC by hand: frames of messages, statuses in trailers. */
import {
  type ClientHttp2Session,
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface Http2Target {
  readonly port: number;
  readonly server: Http2Server;
  /** That are open now. */
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  /** How many there ever were. */
  opened(): number;
  close(): Promise<void>;
}

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** @param certified makes it speak TLS */
export async function http2Target(
  serve: Serve,
  settings: Settings = {},
  certified?: { readonly cert: string; readonly key: string },
): Promise<Http2Target> {
  const server = certified ? createSecureServer({ settings, ...certified }) : createServer({ settings });
  const sessions = new Set<ServerHttp2Session>();
  let opened = 0;
  server.on('session', (session) => {
    opened += 1;
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    serve(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    sessions,
    opened: () => opened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}

/** One message: not compressed, its length, itself. */
export function framed(text: string): Buffer {
  const message = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export function unframed(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1);
    messages.push(String(bytes.subarray(at + 5, at + 5 + length)));
    at += 5 + length;
  }
  return messages;
}

export function bodyOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
  });
}

/** As gRPC servers do: head, messages, and the status at the end. */
export function reply(stream: ServerHttp2Stream, messages: readonly string[], trailers: OutgoingHttpHeaders): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const one of messages) stream.write(framed(one));
  stream.end();
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly messages: readonly string[];
  readonly body: Buffer;
  /** The stream ended with the head. */
  readonly isHeadAlone: boolean;
  /** As gRPC clients read it: the trailers', or that of a head alone. */
  readonly grpcStatus: string | undefined;
  readonly resetCode: number;
}

export function send(on: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Answered> {
  return new Promise((resolve) => {
    const stream = on.request({ ':authority': 'shop.example', ...headers }, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    let isHeadAlone = false;
    stream.on('response', (answer, flags) => {
      head = answer;
      isHeadAlone = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    });
    stream.on('trailers', (given) => {
      trailers = given;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const all = Buffer.concat(chunks);
      const isMessages = String(head['content-type']).startsWith('application/grpc');
      const given = isHeadAlone ? head : trailers;
      resolve({
        status: Number(head[':status'] ?? 0),
        headers: head,
        trailers,
        messages: isMessages ? unframed(all) : [],
        body: all,
        isHeadAlone,
        grpcStatus: given['grpc-status'] as string | undefined,
        resetCode: stream.rstCode ?? 0,
      });
    });
    if (body !== undefined) stream.end(body);
  });
}

export const call = (
  on: ClientHttp2Session,
  path: string,
  message: string,
  more: OutgoingHttpHeaders = {},
): Promise<Answered> =>
  send(
    on,
    { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more },
    framed(message),
  );
