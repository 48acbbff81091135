/** What an edge process and the control plane say to each other, and where they meet. */
import type { RateReport, Report } from '../reports/reports.ts';
import type { Snapshot } from '../snapshot.ts';

/** In the folder of the edge, which only the owner of the data folder may enter. */
export const socketFile = 'link';
/** Mode 0600: whoever can read it may be an edge of this instance. */
export const tokenFile = 'token';

/** First from the edge. */
export interface Hello {
  readonly type: 'hello';
  readonly token: string;
  /** Which of the node's processes it is, from 0. */
  readonly slot: number;
  readonly pid: number;
  /** Of the snapshot it runs on; 0 has none. */
  readonly version: number;
}

interface ReportMessage {
  readonly type: 'report';
  readonly report: Report;
}

/** A node elsewhere wants a new certificate, for a key that it has made. */
interface RenewMessage {
  readonly type: 'renew';
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
}

/** A node elsewhere is here, again and again, and says where it is reached. */
interface HereMessage {
  readonly type: 'here';
  /** IP addresses. */
  readonly addresses: readonly string[];
}

export type FromEdge = Hello | ReportMessage | RenewMessage | HereMessage;

interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly snapshot: Snapshot;
}

/** What the other processes and nodes have counted. */
interface RatesMessage {
  readonly type: 'rates';
  readonly rates: readonly RateReport[];
}

/** The instance ends, and its edge with it: requests that run may end within the time. */
interface ShutdownMessage {
  readonly type: 'shutdown';
  readonly graceMs: number;
}

interface RenewedMessage {
  readonly type: 'renewed';
  /** PEM: the leaf and its issuer. */
  readonly certificate: string;
}

export type FromControl = SnapshotMessage | RatesMessage | ShutdownMessage | RenewedMessage;
