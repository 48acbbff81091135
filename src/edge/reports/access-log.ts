/**
 * Access log lines of load balancers.
 * @see Elastic Load Balancing User Guide, "Access log entries": fields are only ever added at the end
 */

export interface AccessLogEntry {
  readonly type: 'http' | 'https' | 'h2' | 'grpcs' | 'ws' | 'wss';
  /** Epoch milliseconds: when the answer was sent. */
  readonly time: number;
  /** `app/my-loadbalancer/50dc6c495c0c9188` */
  readonly loadBalancer: string;
  readonly client: string;
  readonly clientPort: number;
  readonly target: string;
  /** Seconds; -1 where there was none. */
  readonly requestTime: number;
  readonly targetTime: number;
  readonly responseTime: number;
  readonly status: number;
  readonly targetStatus: number | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly method: string;
  readonly url: string;
  /** Undefined: the request line could not be read. */
  readonly httpVersion: string | undefined;
  readonly userAgent: string;
  readonly cipher: string;
  readonly tlsVersion: string;
  readonly targetGroup: string;
  readonly traceId: string;
  readonly domain: string;
  readonly certificate: string;
  readonly rulePriority: string;
  readonly createdAt: number;
  readonly actions: readonly string[];
  readonly redirectUrl: string;
  readonly errorReason: string;
  readonly classification: string;
  readonly classificationReason: string;
  readonly connectionTraceId: string;
}

export function accessLogLine(entry: AccessLogEntry): string {
  const targetStatus = entry.targetStatus === undefined ? '-' : String(entry.targetStatus);
  return [
    entry.type,
    stamp(entry.time),
    entry.loadBalancer,
    `${bracketed(entry.client)}:${entry.clientPort}`,
    entry.target || '-',
    seconds(entry.requestTime),
    seconds(entry.targetTime),
    seconds(entry.responseTime),
    entry.status,
    targetStatus,
    entry.receivedBytes,
    entry.sentBytes,
    quoted(`${entry.method} ${entry.url} ${entry.httpVersion === undefined ? '-' : `HTTP/${entry.httpVersion}`}`),
    quoted(entry.userAgent),
    entry.cipher || '-',
    entry.tlsVersion || '-',
    entry.targetGroup || '-',
    quoted(entry.traceId),
    quoted(entry.domain),
    quoted(entry.certificate),
    entry.rulePriority || '-',
    stamp(entry.createdAt),
    quoted(entry.actions.join(',')),
    quoted(entry.redirectUrl),
    quoted(entry.errorReason),
    quoted(entry.target),
    quoted(targetStatus),
    quoted(entry.classification),
    quoted(entry.classificationReason),
    entry.connectionTraceId,
  ].join(' ');
}

const stamp = (time: number): string => new Date(time).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
const seconds = (value: number): string => (value < 0 ? '-1' : value.toFixed(3));
const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Nothing that a client sent may end a field or a line. */
function quoted(text: string): string {
  if (text === '') return '"-"';
  return `"${text.replace(/[^ !#-[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}"`;
}
