/** The parts of a request that statements look into, in the shape of AWS's API. */

type Empty = Readonly<Record<never, never>>;

/** What is the answer when there is more of it than is inspected. */
export type OversizeHandling = 'CONTINUE' | 'MATCH' | 'NO_MATCH';

export type MatchScope = 'ALL' | 'KEY' | 'VALUE';

export interface Headers {
  /** Exactly one member is set. */
  readonly MatchPattern: {
    readonly All?: Empty;
    readonly IncludedHeaders?: readonly string[];
    readonly ExcludedHeaders?: readonly string[];
  };
  readonly MatchScope: MatchScope;
  readonly OversizeHandling: OversizeHandling;
}

export interface Cookies {
  /** Exactly one member is set. */
  readonly MatchPattern: {
    readonly All?: Empty;
    readonly IncludedCookies?: readonly string[];
    readonly ExcludedCookies?: readonly string[];
  };
  readonly MatchScope: MatchScope;
  readonly OversizeHandling: OversizeHandling;
}

export interface JsonBody {
  /** Exactly one member is set; paths are JSON pointers. */
  readonly MatchPattern: { readonly All?: Empty; readonly IncludedPaths?: readonly string[] };
  readonly MatchScope: MatchScope;
  /** Where nothing is said, what was read up to the first fault is inspected. */
  readonly InvalidFallbackBehavior?: 'MATCH' | 'NO_MATCH' | 'EVALUATE_AS_STRING';
  readonly OversizeHandling?: OversizeHandling;
}

interface WithFallback {
  readonly FallbackBehavior: 'MATCH' | 'NO_MATCH';
}

/** Exactly one member is set. */
export interface FieldToMatch {
  readonly SingleHeader?: { readonly Name: string };
  readonly SingleQueryArgument?: { readonly Name: string };
  readonly AllQueryArguments?: Empty;
  readonly UriPath?: Empty;
  readonly QueryString?: Empty;
  readonly Body?: { readonly OversizeHandling?: OversizeHandling };
  readonly Method?: Empty;
  readonly JsonBody?: JsonBody;
  readonly Headers?: Headers;
  readonly Cookies?: Cookies;
  readonly HeaderOrder?: { readonly OversizeHandling: OversizeHandling };
  readonly JA3Fingerprint?: WithFallback;
  readonly JA4Fingerprint?: WithFallback;
  readonly UriFragment?: Partial<WithFallback>;
}
