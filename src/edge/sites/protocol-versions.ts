/** What requests of one protocol version may go to targets of another, and what they bring there. */
import type { Exchange } from '../exchange.ts';
import type { Head } from '../intake/head.ts';
import type { TargetGroupSettings } from '../snapshot.ts';

/** @see Elastic Load Balancing User Guide, "Protocol version" of target groups: what is an error there is answered 464 */
export function isMismatched(
  { httpVersion, method }: Head,
  version: TargetGroupSettings['protocolVersion'],
  isCall: boolean,
): boolean {
  if (version === 'HTTP1') return isCall;
  return httpVersion !== '2.0' || (version === 'GRPC' && method !== 'POST');
}

/** `te` is of the connection, but for this one value, without which gRPC servers take no call. */
export function forHttp2({ incoming, body }: Exchange, headers: string[], isCall: boolean): void {
  if (isCall || incoming.headers.te === 'trailers') headers.push('te', 'trailers');
  if (!isCall && body.size > 0) headers.push('content-length', String(body.size));
}
