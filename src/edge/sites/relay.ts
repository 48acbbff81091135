/** A listener of a network load balancer: joins each connection to a target, whatever it carries. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Connection } from '../listeners/gate.ts';
import { FlowMeter } from '../reports/flows.ts';
import type { Meter } from '../reports/meter.ts';
import { anyGroupOf, type CompiledAction, compileActions } from '../routing/actions.ts';
import type { ConnectionSite, Runtime } from '../site.ts';
import type { EdgeLimits, ListenerSettings, LoadBalancerSettings } from '../snapshot.ts';
import type { TargetGroup } from '../targets/group.ts';
import type { Target } from '../targets/target.ts';
import { proxyHeader } from '../upstream/proxy-header.ts';
import { nameOf } from './names.ts';

export interface RelayParts {
  readonly runtime: Runtime;
  readonly loadBalancer: LoadBalancerSettings;
  readonly listener: ListenerSettings;
  readonly groups: ReadonlyMap<string, TargetGroup>;
  readonly limits: EdgeLimits;
}

const defaultIdleSeconds = 350;

export class RelaySite implements ConnectionSite {
  readonly kind = 'connections';
  readonly runtime: Runtime;
  readonly limits: EdgeLimits;
  readonly idleMs: number;
  readonly flows: FlowMeter | undefined;
  readonly #parts: RelayParts;
  readonly #action: CompiledAction;
  readonly #meter: Meter;
  readonly #kind: 'TCP' | 'TLS';

  constructor(parts: RelayParts) {
    const { runtime, loadBalancer, listener, limits } = parts;
    this.#parts = parts;
    this.runtime = runtime;
    this.limits = limits;
    this.flows = loadBalancer.isFlowLogged ? new FlowMeter(runtime.reports.flows, loadBalancer.arn) : undefined;
    this.idleMs = Number(listener.attributes['tcp.idle_timeout.seconds'] ?? defaultIdleSeconds) * 1000;
    this.#action = compileActions(listener.defaultActions);
    this.#kind = listener.protocol === 'TLS' ? 'TLS' : 'TCP';
    const { account, region, arn } = loadBalancer;
    const dimensions = { LoadBalancer: nameOf(arn) };
    this.#meter = runtime.reports.meters.of({ account, region, namespace: 'AWS/NetworkELB', dimensions });
  }

  /** @param client decrypted, where the listener ends TLS */
  join(connection: Connection, client: Socket): void {
    const group = this.#group();
    const target = group?.chooseFor(connection.client);
    if (!group || !target || target.settings.address === undefined) {
      client.destroy();
      return;
    }
    if (target.settings.loadBalancer !== undefined) {
      this.#hand(connection, target.settings.loadBalancer, target);
      return;
    }
    target.outstanding += 1;
    const socket = this.#connect(group, target);
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      target.outstanding -= 1;
      target.joined.delete(end);
      this.#add('ProcessedBytes', client.bytesRead + socket.bytesRead);
      client.destroy();
      socket.destroy();
    };
    target.joined.add(end);
    const patience = setTimeout(end, this.limits.upstreamConnectMs);
    for (const one of [client, socket]) {
      one.setTimeout(this.idleMs, end);
      one.on('error', end).on('close', end);
    }
    socket.once(group.settings.protocol === 'TLS' ? 'secureConnect' : 'connect', () => {
      clearTimeout(patience);
      this.runtime.gate.enter(connection, 'busy');
      if (group.settings.attributes['proxy_protocol_v2.enabled'] === 'true') socket.write(proxyHeader(connection));
      client.pipe(socket);
      socket.pipe(client);
    });
    socket.once('close', () => clearTimeout(patience));
  }

  /** To an application load balancer, which sees who the client is: there is no second connection. */
  #hand(connection: Connection, loadBalancer: string, target: Target): void {
    const { socket } = connection;
    const end = (): void => void socket.destroy();
    target.outstanding += 1;
    target.joined.add(end);
    socket.once('close', () => {
      target.outstanding -= 1;
      target.joined.delete(end);
      this.#add('ProcessedBytes', socket.bytesRead + socket.bytesWritten);
    });
    // From now on its phases are the other listener's to say, and its place is there.
    this.runtime.gate.handOver(connection);
    if (!this.runtime.hand(connection, loadBalancer, target.settings.port)) end();
  }

  #group(): TargetGroup | undefined {
    const arn = anyGroupOf(this.#action, this.runtime.random());
    return arn === undefined ? undefined : this.#parts.groups.get(arn);
  }

  #connect({ settings, authorities }: TargetGroup, { settings: { address, port } }: Target): Socket {
    const place = { host: address as string, port, allowHalfOpen: true };
    if (settings.protocol !== 'TLS') return connect(place);
    return connectTls({
      ...place,
      ...(authorities && { ca: [...authorities] }),
      checkServerIdentity: () => undefined,
    });
  }

  opened(): void {
    this.#add('NewFlowCount');
  }

  measure(connections: number): void {
    this.#add('ActiveFlowCount', connections);
  }

  /** For all protocols together, and for this one. */
  #add(name: string, value = 1): void {
    this.#meter.add(name, value);
    this.#meter.add(`${name}_${this.#kind}`, value);
  }

  /** What comes in by TLS is TCP to security groups. */
  refusedConnection(why: 'group' | 'room'): void {
    const name = why === 'group' ? 'SecurityGroupBlockedFlowCount_Inbound' : 'RejectedFlowCount';
    this.#meter.add(name);
    this.#meter.add(`${name}_TCP`);
  }
}
