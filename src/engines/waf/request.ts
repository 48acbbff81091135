/**
 * A request as the engine sees it: what arrived, and what is known of its sender.
 * Texts hold one character per byte (latin1), as they came: nothing is decoded before a rule asks for it.
 */

export interface HttpRequest {
  readonly method: string;
  /** As sent, up to the first `?`. */
  readonly path: string;
  /** As sent, after the first `?`; '' where there is none. */
  readonly query: string;
  /** `HTTP/1.1`, `HTTP/2.0` */
  readonly version: string;
  /** In the order of their arrival, names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The first bytes of the body, at most as many as are inspected. */
  readonly body: Uint8Array;
  /** As much of it as managed groups look into, where that is more: they are not bound by what AWS's load balancers pass on. */
  readonly deepBody?: Uint8Array;
  /** Bytes of the whole body; more than `body` holds where it is oversize. */
  readonly bodySize: number;
  readonly source: RequestSource;
  /** Scheme and name under which the client came. */
  readonly isSecure: boolean;
  readonly host: string;
}

export interface RequestSource {
  /** The peer of the connection, never a header's word. */
  readonly ip: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** ISO 3166-2, of the form `US-CA`. */
  readonly region?: string;
  readonly asn?: number;
  /** 32 hexadecimal digits. */
  readonly ja3?: string;
  readonly ja4?: string;
}
