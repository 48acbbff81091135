/** What tells requests apart when one kind of them becomes too many. */

export interface RequestTraits {
  readonly source: string;
  readonly country?: string;
  readonly asn?: number;
  readonly ja4?: string;
  readonly userAgent: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Names of the query's arguments, sorted: `page&q`. */
  readonly queryKeys: string;
}

/** Attributes whose values a rule can name. */
export const attributes = ['path', 'userAgent', 'country', 'asn', 'ja4', 'method', 'queryKeys'] as const;
export type Attribute = (typeof attributes)[number];

/** The value of an attribute as text; '' where there is none. */
export const textOf = (traits: RequestTraits, attribute: Attribute): string => String(traits[attribute] ?? '');

/** Requests of one stretch of time: the sample stands for all of them. */
export interface TrafficWindow {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly seconds: number;
  readonly requests: number;
  readonly sample: readonly RequestTraits[];
}
