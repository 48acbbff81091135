/** Health checks of targets that speak HTTP/2: by status, or for gRPC by the status of a call. */
import { constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { bracketed, connectTo } from '../upstream/http2/connection.ts';
import { type CheckResult, failed, type HttpCheck, mismatched, timedOut } from './health.ts';

/** A message without fields. */
const emptyMessage = Buffer.alloc(5);

/** A connection of its own each time: what it proves is that a new client would be served. */
export function checkHttp2(check: HttpCheck, isGrpc: boolean): Promise<CheckResult> {
  const { place, isSecure, path, timeoutMs, authorities, expected } = check;
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  let giveUp = (): void => undefined;
  const end = (result: CheckResult): void => {
    clearTimeout(timer);
    giveUp();
    resolve(result);
  };
  const timer = setTimeout(() => end(timedOut), timeoutMs);
  const judge = (code: number | undefined): void => {
    if (code === undefined) end(failed);
    else end(expected(code) ? { isHealthy: true } : mismatched(code));
  };
  const destination = { host: place.address, port: place.port, isSecure, connectMs: timeoutMs, authorities };
  giveUp = connectTo(destination, (error, session) => {
    if (!session) {
      end((error as { code?: string }).code === 'UND_ERR_CONNECT_TIMEOUT' ? timedOut : failed);
      return;
    }
    const stream = session.request({
      ':method': isGrpc ? 'POST' : 'GET',
      ':path': path,
      ':authority': `${bracketed(place.address)}:${place.port}`,
      'user-agent': 'ELB-HealthChecker/2.0',
      ...(isGrpc && { 'content-type': 'application/grpc', te: 'trailers' }),
    });
    stream.on('error', () => end(failed));
    stream.on('close', () => end(failed));
    let head: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
    stream.on('response', (answer, flags) => {
      head = answer;
      if (!isGrpc) judge(answer[':status']);
      else if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) judge(codeOf(answer));
    });
    stream.on('trailers', (trailers) => judge(head[':status'] === 200 ? codeOf(trailers) : undefined));
    stream.resume();
    stream.end(isGrpc ? emptyMessage : undefined);
  });
  return promise;
}

function codeOf({ 'grpc-status': status }: IncomingHttpHeaders): number | undefined {
  return typeof status === 'string' && /^\d{1,3}$/.test(status) ? Number(status) : undefined;
}
