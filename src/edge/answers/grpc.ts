/** gRPC calls among requests, and what answers of the edge's own mean to them. */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

const contentType = /^application\/grpc(?:[;+]|$)/i;

/** gRPC is spoken over HTTP/2 alone: `application/grpc-web` is what others send. */
export function isGrpc(incoming: IncomingMessage | Http2ServerRequest): boolean {
  return incoming.httpVersionMajor === 2 && contentType.test(incoming.headers['content-type'] ?? '');
}

const unknown = 2;
const unavailable = 14;

/** By status of HTTP. @see github.com/grpc/grpc, "HTTP to gRPC Status Code Mapping": what clients make of it by themselves */
const statuses = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, unavailable],
  [502, unavailable],
  [503, unavailable],
  [504, unavailable],
]);

export const grpcStatusOf = (status: number): number => statuses.get(status) ?? unknown;
