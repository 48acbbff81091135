/** A listener of a network load balancer for UDP: chooses a target for each flow, and counts. */
import type { DatagramFlow } from '../datagrams/flow.ts';
import { UDP } from '../listeners/ingress.ts';
import { FlowMeter } from '../reports/flows.ts';
import type { Meter } from '../reports/meter.ts';
import { anyGroupOf, type CompiledAction, compileActions } from '../routing/actions.ts';
import type { Runtime } from '../site.ts';
import type { ListenerSettings, LoadBalancerSettings } from '../snapshot.ts';
import type { TargetGroup } from '../targets/group.ts';
import type { Target } from '../targets/target.ts';
import { nameOf } from './names.ts';

export interface DatagramParts {
  readonly runtime: Runtime;
  readonly loadBalancer: LoadBalancerSettings;
  readonly listener: ListenerSettings;
  readonly groups: ReadonlyMap<string, TargetGroup>;
}

interface Choice {
  readonly target: Target;
  /** ARN. */
  readonly group: string;
}

export class DatagramSite {
  readonly #parts: DatagramParts;
  readonly #action: CompiledAction;
  readonly #meter: Meter;
  readonly #flows: FlowMeter | undefined;

  constructor(parts: DatagramParts) {
    const { runtime, loadBalancer, listener } = parts;
    this.#parts = parts;
    this.#action = compileActions(listener.defaultActions);
    const { account, region, arn } = loadBalancer;
    this.#flows = loadBalancer.isFlowLogged ? new FlowMeter(runtime.reports.flows, arn, UDP) : undefined;
    const dimensions = { LoadBalancer: nameOf(arn) };
    this.#meter = runtime.reports.meters.of({ account, region, namespace: 'AWS/NetworkELB', dimensions });
  }

  /** By the flow, or by the client alone where clients stay with their target. */
  choose(address: string, port: number): Choice | undefined {
    const { runtime, groups } = this.#parts;
    const arn = anyGroupOf(this.#action, runtime.random());
    const group = arn === undefined ? undefined : groups.get(arn);
    if (!group) return undefined;
    const isSticky = group.settings.attributes['stickiness.enabled'] === 'true';
    const target = group.sameFor(isSticky ? address : `${address} ${port}`);
    return target?.settings.address === undefined ? undefined : { target, group: group.settings.arn };
  }

  /** Whether the flow's target is one of this listener still, and in service, or drains. */
  keeps({ parts: { group, target } }: DatagramFlow): boolean {
    return this.#parts.groups.get(group)?.keeps(target) ?? false;
  }

  opened(): void {
    this.#add('NewFlowCount');
  }

  measure(flows: number): void {
    this.#add('ActiveFlowCount', flows);
  }

  /** A datagram that went to no target: there is none, or the source sends too many. */
  dropped(): void {
    this.#add('RejectedFlowCount');
  }

  refused(source: string, sourcePort: number, port: number): void {
    this.#meter.add('SecurityGroupBlockedFlowCount_Inbound');
    this.#meter.add('SecurityGroupBlockedFlowCount_Inbound_UDP');
    this.#flows?.refused(source, sourcePort, port, this.#parts.runtime.now());
  }

  /** What the flow has carried since the last time. */
  carried(
    flow: DatagramFlow,
    client: { readonly source: string; readonly sourcePort: number; readonly port: number },
  ): void {
    const bytes = flow.bytesRead + flow.bytesWritten - flow.counted;
    flow.counted += bytes;
    if (bytes > 0) this.#add('ProcessedBytes', bytes);
    this.#flows?.carried(flow, client, flow.told, this.#parts.runtime.now());
  }

  /** For all protocols together, and for UDP. */
  #add(name: string, value = 1): void {
    this.#meter.add(name, value);
    this.#meter.add(`${name}_UDP`, value);
  }
}
