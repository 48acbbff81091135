/** What edge processes tell of connections to load balancers, held until flow logs take it. */
import type { FlowReport, SkippedFlows } from '../../edge/reports/flows.ts';

/** Flows that wait; beyond it they are only counted, by load balancer. */
const mostWaiting = 50_000;

export interface BalancedFlow {
  /** Of the load balancer; `path` is `app/NAME/ID`. */
  readonly account: string;
  readonly region: string;
  readonly path: string;
  readonly flow: FlowReport;
}

export interface SkippedAt extends Omit<BalancedFlow, 'flow'> {
  readonly flows: number;
}

export class EdgeFlows {
  readonly #most: number;
  #waiting = new Map<string, FlowReport>();
  #skipped = new Map<string, number>();

  constructor(most = mostWaiting) {
    this.#most = most;
  }

  add(flows: readonly FlowReport[], skipped: readonly SkippedFlows[]): void {
    for (const flow of flows) this.#hold(flow);
    for (const one of skipped) this.#skip(one.loadBalancer, one.flows);
  }

  take(): { readonly flows: readonly BalancedFlow[]; readonly skipped: readonly SkippedAt[] } {
    const flows = [...this.#waiting.values()].flatMap((flow) => {
      const at = placeOf(flow.loadBalancer);
      return at ? { ...at, flow } : [];
    });
    const skipped = [...this.#skipped].flatMap(([loadBalancer, count]) => {
      const at = placeOf(loadBalancer);
      return at ? { ...at, flows: count } : [];
    });
    this.#waiting = new Map();
    this.#skipped = new Map();
    return { flows, skipped };
  }

  #hold(flow: FlowReport): void {
    const { loadBalancer, protocol, verdict, direction, source, sourcePort, port } = flow;
    const key = `${loadBalancer} ${protocol} ${verdict} ${direction} ${source} ${sourcePort} ${port}`;
    const known = this.#waiting.get(key);
    if (!known && this.#waiting.size >= this.#most) {
      this.#skip(loadBalancer, 1);
      return;
    }
    this.#waiting.set(key, {
      ...flow,
      connections: flow.connections + (known?.connections ?? 0),
      bytes: flow.bytes + (known?.bytes ?? 0),
      packets: flow.packets + (known?.packets ?? 0),
      start: Math.min(flow.start, known?.start ?? flow.start),
      end: Math.max(flow.end, known?.end ?? flow.end),
    });
  }

  #skip(loadBalancer: string, flows: number): void {
    this.#skipped.set(loadBalancer, (this.#skipped.get(loadBalancer) ?? 0) + flows);
  }
}

function placeOf(arn: string): Omit<BalancedFlow, 'flow'> | undefined {
  const [, , , region, account, resource = ''] = arn.split(':');
  if (region === undefined || account === undefined || !resource.startsWith('loadbalancer/')) return undefined;
  return { account, region, path: resource.slice('loadbalancer/'.length) };
}
