/** What the edge has to tell the control plane: held within bounds until somebody takes it. */
import type { HttpRequest, Verdict } from '../../engines/waf/index.ts';
import type { TargetHealth } from '../targets/health.ts';
import { type ArrivalReport, Arrivals } from './arrivals.ts';
import { type FlowReport, Flows, type SkippedFlows } from './flows.ts';
import { Meters, type MetricReport } from './meter.ts';

export interface TargetHealthReport {
  readonly targetGroupArn: string;
  readonly targetId: string;
  readonly port: number;
  readonly health: TargetHealth;
}

export interface ListenerReport {
  /** ARN of the listener or distribution. */
  readonly arn: string;
  readonly port: number;
  readonly state: 'listening' | 'failed';
  /** `EADDRINUSE` and a sentence. */
  readonly error?: string;
}

export interface LogReport {
  /** Whose log: a load balancer's or a web ACL's ARN. */
  readonly arn: string;
  readonly kind: 'access' | 'web-acl';
  readonly lines: readonly string[];
}

/** A request that a web ACL looked at. */
export interface InspectedReport {
  readonly webAclArn: string;
  /** As in the answer's `x-amzn-requestid`. */
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The body as far as it was inspected. */
  readonly request: Omit<HttpRequest, 'body' | 'deepBody'> & { readonly bodyBase64: string };
  readonly verdict: Verdict;
  /** `ALB` with `ACCOUNT-app/NAME/ID`, `CF` with a distribution's id. */
  readonly source: { readonly name: 'ALB' | 'CF'; readonly id: string };
  /** For how many requests this one stands. */
  readonly weight: number;
  readonly isLogged: boolean;
  readonly isKept: boolean;
}

/** How often a web ACL did what, since the last report. */
export interface TrafficReport {
  readonly webAclArn: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly requests: number;
  readonly metrics: readonly { readonly metricName: string; readonly action: string; readonly requests: number }[];
  readonly paths: readonly { readonly path: string; readonly requests: number }[];
}

/** The addresses that a rate-based rule holds back here, now. */
export interface LimitedReport {
  readonly webAclArn: string;
  readonly ruleName: string;
  /** Where the rule stands in a rule group that the web ACL's rule refers to. */
  readonly ruleGroupRuleName?: string;
  readonly addresses: readonly string[];
}

/** What was counted for the rate-based rules of a web ACL: for the other processes, which add it to theirs. */
export interface RateReport {
  readonly webAcl: string;
  readonly deltas: readonly object[];
}

/** Everything since the last time. */
export interface Report {
  readonly metrics: readonly MetricReport[];
  readonly health: readonly TargetHealthReport[];
  readonly listeners: readonly ListenerReport[];
  readonly logs: readonly LogReport[];
  readonly inspected: readonly InspectedReport[];
  readonly traffic: readonly TrafficReport[];
  readonly limited: readonly LimitedReport[];
  /** Rate counters, as the engine merges them. */
  readonly rates: readonly RateReport[];
  /** Of load balancers whose flows are logged. */
  readonly flows: readonly FlowReport[];
  readonly skippedFlows: readonly SkippedFlows[];
  readonly arrivals: readonly ArrivalReport[];
  readonly handshakesFailed: number;
  /** Requests that a fault of the edge itself ended; its log says which. */
  readonly failures: number;
  /** What was dropped because nobody took it. */
  readonly lost: number;
}

export type Inspections = Pick<Report, 'inspected' | 'traffic' | 'limited' | 'rates' | 'lost'>;

const noInspections: Inspections = { inspected: [], traffic: [], limited: [], rates: [], lost: 0 };

export interface ReportLimits {
  readonly logBytes: number;
}

const defaultReportLimits: ReportLimits = { logBytes: 8 * 1024 * 1024 };

export class Reports {
  readonly meters = new Meters();
  readonly arrivals = new Arrivals();
  readonly flows = new Flows();
  readonly #limits: ReportLimits;
  #logs = new Map<string, { arn: string; kind: LogReport['kind']; lines: string[] }>();
  #logBytes = 0;
  #handshakesFailed = 0;
  #failures = 0;
  #lost = 0;
  /** By target: only the last state counts. */
  #health = new Map<string, TargetHealthReport>();
  #listeners = new Map<string, ListenerReport>();

  constructor(limits: ReportLimits = defaultReportLimits) {
    this.#limits = limits;
  }

  log(arn: string, kind: LogReport['kind'], line: string): void {
    if (this.#logBytes + line.length > this.#limits.logBytes) {
      this.#lost += 1;
      return;
    }
    this.#logBytes += line.length;
    const key = `${kind} ${arn}`;
    const known = this.#logs.get(key);
    if (known) known.lines.push(line);
    else this.#logs.set(key, { arn, kind, lines: [line] });
  }

  /** A request that was answered 500 by a fault of the edge itself. */
  failed(): void {
    this.#failures += 1;
  }

  handshakeFailed(): void {
    this.#handshakesFailed += 1;
  }

  health(report: TargetHealthReport): void {
    this.#health.set(`${report.targetGroupArn} ${report.targetId} ${report.port}`, report);
  }

  listener(report: ListenerReport): void {
    this.#listeners.set(report.arn, report);
  }

  /** Undefined when there is nothing to tell. */
  take(inspections: Inspections = noInspections): Report | undefined {
    const report: Report = {
      metrics: this.meters.take(),
      health: [...this.#health.values()],
      listeners: [...this.#listeners.values()],
      logs: [...this.#logs.values()],
      ...inspections,
      ...this.flows.take(),
      arrivals: this.arrivals.take(),
      handshakesFailed: this.#handshakesFailed,
      failures: this.#failures,
      lost: this.#lost + inspections.lost,
    };
    const isEmpty = Object.values(report).every((part) => part === 0 || (Array.isArray(part) && part.length === 0));
    if (isEmpty) return undefined;
    this.#health.clear();
    this.#listeners.clear();
    this.#logs = new Map();
    this.#logBytes = 0;
    this.#handshakesFailed = 0;
    this.#failures = 0;
    this.#lost = 0;
    return report;
  }
}
