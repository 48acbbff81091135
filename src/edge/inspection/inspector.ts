/** What a web ACL makes of a request, as sites act on it. */
import type { RequestTraits, SuspicionLevel } from '../../engines/traffic/index.ts';
import type { Exchange } from '../exchange.ts';
import type { InspectedReport, LimitedReport, TrafficReport } from '../reports/reports.ts';

export type Ruling =
  | { readonly kind: 'pass'; readonly insertedHeaders: readonly (readonly [name: string, value: string])[] }
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names and values in turn. */
      readonly headers: readonly string[];
      /** Beside those: cookies and labels that the web ACL gives out. */
      readonly answerHeaders: readonly string[];
      readonly body: string | Buffer;
      /** For the access log. */
      readonly reason: string;
    }
  /** The engine could not say: the fail mode of who asks decides. */
  | { readonly kind: 'failed' };

export interface InspectionReport {
  readonly inspected: readonly InspectedReport[];
  readonly traffic: TrafficReport | undefined;
  readonly limited: readonly LimitedReport[];
  readonly lost: number;
}

/** The resource that a request came for, as logs name it. */
export type RequestedFrom = InspectedReport['source'];

/** How much a request looks like those of an attack that goes on; undefined: none goes on. */
export type Suspecting = ((traits: RequestTraits) => SuspicionLevel) | undefined;

export interface Asked {
  /** Whether the client came by TLS. */
  readonly isSecure: boolean;
  readonly source: RequestedFrom;
  readonly suspecting: Suspecting;
}

export interface Inspector {
  /** Body bytes that it looks at. */
  readonly bodyBytes: number;
  inspect(exchange: Exchange, asked: Asked): Ruling;
  /** What was counted here since the last time, for the others. */
  takeRates(): readonly object[];
  /** What others have counted. */
  mergeRates(rates: readonly object[]): void;
  /** What is told of inspected requests. */
  take(): InspectionReport;
}
