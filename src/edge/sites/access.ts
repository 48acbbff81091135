/** Writes the access log of one listener: what an exchange was, as one line. */
import { randomUUID } from 'node:crypto';
import { isGrpc } from '../answers/grpc.ts';
import { answerPath } from '../authentication/sign-in.ts';
import type { Exchange } from '../exchange.ts';
import { classOf, type Reason } from '../intake/classification.ts';
import type { Head } from '../intake/head.ts';
import type { Connection } from '../listeners/gate.ts';
import { accessLogLine } from '../reports/access-log.ts';
import { hostNameOf } from '../routing/request.ts';
import type { Runtime } from '../site.ts';
import type { ListenerSettings, LoadBalancerSettings } from '../snapshot.ts';
import { nameOf } from './names.ts';

export class AccessLog {
  readonly #loadBalancer: LoadBalancerSettings;
  readonly #listener: ListenerSettings;
  readonly #runtime: Runtime;

  constructor(loadBalancer: LoadBalancerSettings, listener: ListenerSettings, runtime: Runtime) {
    this.#loadBalancer = loadBalancer;
    this.#listener = listener;
    this.#runtime = runtime;
  }

  write(exchange: Exchange, isSecure: boolean): void {
    const { outcome, head, connection, incoming } = exchange;
    const elapsed = performance.now() - exchange.startedAt;
    const now = this.#runtime.now();
    const times = timesOf(exchange, elapsed);
    const reason = head?.reason ?? outcome.refusedFor;
    const host = head?.host ?? '';
    const { port } = this.#listener;
    const name = hostNameOf(host) || this.#loadBalancer.dnsName;
    const userAgent = incoming.headers['user-agent'];
    const line = accessLogLine({
      type: exchange.isUpgrade
        ? isSecure
          ? 'wss'
          : 'ws'
        : head?.httpVersion === '2.0'
          ? isGrpc(incoming)
            ? 'grpcs'
            : 'h2'
          : isSecure
            ? 'https'
            : 'http',
      time: now,
      loadBalancer: nameOf(this.#loadBalancer.arn),
      client: connection.client,
      clientPort: connection.socket.remotePort ?? 0,
      target: outcome.target,
      requestTime: times.request,
      targetTime: times.target,
      responseTime: times.response,
      status: outcome.status,
      targetStatus: outcome.targetStatus,
      receivedBytes: exchange.receivedInAll,
      sentBytes: exchange.sentInAll,
      method: incoming.method ?? '-',
      url: `${isSecure ? 'https' : 'http'}://${name}:${port}${head ? loggedTarget(head) : '-'}`,
      httpVersion: incoming.httpVersion,
      userAgent: typeof userAgent === 'string' ? userAgent : '',
      ...encryptionOf(connection),
      targetGroup: outcome.targetGroup,
      traceId: exchange.traceId,
      rulePriority: outcome.rulePriority,
      createdAt: now - elapsed,
      actions: outcome.actions,
      redirectUrl: outcome.redirectUrl,
      errorReason: outcome.refusedFor === undefined ? outcome.errorReason : '',
      classification: classOf(reason),
      classificationReason: reason ?? '',
      connectionTraceId: `TID_${exchange.requestId.replaceAll('-', '')}`,
    });
    this.#runtime.reports.log(this.#loadBalancer.arn, 'access', line);
  }

  /** Nothing is known of such a request but who sent it. */
  writeUnreadable(connection: Connection, isSecure: boolean, status: number, reason: Reason | undefined): void {
    const now = this.#runtime.now();
    const line = accessLogLine({
      type: isSecure ? 'https' : 'http',
      time: now,
      loadBalancer: nameOf(this.#loadBalancer.arn),
      client: connection.client,
      clientPort: connection.socket.remotePort ?? 0,
      target: '',
      requestTime: -1,
      targetTime: -1,
      responseTime: -1,
      status,
      targetStatus: undefined,
      receivedBytes: 0,
      sentBytes: 0,
      method: '-',
      url: `${isSecure ? 'https' : 'http'}://${this.#loadBalancer.dnsName}:${this.#listener.port}-`,
      httpVersion: undefined,
      userAgent: '',
      ...encryptionOf(connection),
      targetGroup: '',
      traceId: '',
      rulePriority: '',
      createdAt: now,
      actions: [],
      redirectUrl: '',
      errorReason: '',
      classification: classOf(reason),
      classificationReason: reason ?? '',
      connectionTraceId: `TID_${randomUUID().replaceAll('-', '')}`,
    });
    this.#runtime.reports.log(this.#loadBalancer.arn, 'access', line);
  }
}

const encryptionOf = ({ tls }: Connection) => ({
  cipher: tls?.cipher ?? '',
  tlsVersion: tls?.version ?? '',
  domain: tls?.domain ?? '',
  certificate: tls?.certificate ?? '',
});

/** Codes that identity providers send users back with are secrets until they are spent: values stay out of the log. */
function loggedTarget({ path, query, target }: Head): string {
  if (path !== answerPath || query === '') return target;
  return `${path}?${query.replace(/=[^&]*/g, '=-')}`;
}

/** Seconds; -1 for what there was not. */
function timesOf({ startedAt, outcome }: Exchange, elapsed: number) {
  if (outcome.forwardedAt === 0 || outcome.answeredAt === 0) return { request: -1, target: -1, response: -1 };
  return {
    request: (outcome.forwardedAt - startedAt) / 1000,
    target: (outcome.answeredAt - outcome.forwardedAt) / 1000,
    response: Math.max(0, (startedAt + elapsed - outcome.answeredAt) / 1000),
  };
}
