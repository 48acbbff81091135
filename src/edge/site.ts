/** What stands behind a port, as exchanges see it: a load balancer's listener, or the distributions. */
import type { Socket } from 'node:net';
import type { DatagramGate } from './datagrams/gate.ts';
import type { Exchange } from './exchange.ts';
import type { TakeOptions } from './intake/body.ts';
import type { Reason } from './intake/classification.ts';
import type { HeadRules } from './intake/head.ts';
import type { PaceKeeper } from './intake/pace.ts';
import type { Holdings } from './intake/spill.ts';
import type { Connection, Gate } from './listeners/gate.ts';
import type { FlowMeter } from './reports/flows.ts';
import type { Reports } from './reports/reports.ts';
import type { EdgeLimits } from './snapshot.ts';
import type { Pools } from './upstream/pools.ts';

/** What all sites of a process share. */
export interface Runtime {
  readonly now: () => number;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  readonly gate: Gate;
  readonly datagrams: DatagramGate;
  readonly pace: PaceKeeper;
  readonly holdings: Holdings;
  readonly reports: Reports;
  readonly pools: Pools;
  /** Hands a connection on to a listener of a load balancer. @returns whether there is one that took it */
  readonly hand: (connection: Connection, loadBalancer: string, port: number) => boolean;
}

/** What every port has behind it. */
interface Place {
  readonly runtime: Runtime;
  readonly limits: EdgeLimits;
  /** Silence on a connection, in milliseconds. */
  readonly idleMs: number;
  /** Undefined where nobody logs what flows. */
  readonly flows: FlowMeter | undefined;
  opened(): void;
  /** Now and then: how many connections are open. */
  measure(connections: number): void;
  /** One that no security group lets in, or for which there is no room. */
  refusedConnection(why: 'group' | 'room'): void;
}

/** Takes connections as they are. */
export interface ConnectionSite extends Place {
  readonly kind: 'connections';
  join(connection: Connection, client: Socket): void;
}

/** Takes requests. */
export interface Site extends Place {
  readonly kind: 'requests';
  readonly headRules: HeadRules;
  readonly taking: TakeOptions;
  /** What answers of the edge's own call it. */
  readonly serverName: string | undefined;
  /** Age of a connection, in milliseconds. */
  readonly keepAliveMs: number;
  readonly allowsHttp2: boolean;
  /** The request is whole: inspects, routes and answers it. */
  inspect(exchange: Exchange): void;
  refusedHead(exchange: Exchange, reason: Reason): void;
  /** The answer is out, or the client gone. */
  finished(exchange: Exchange): void;
  /** A connection that HTTP could not read, with the status it was answered. */
  unreadable(connection: Connection, status: number, reason: Reason | undefined): void;
}
