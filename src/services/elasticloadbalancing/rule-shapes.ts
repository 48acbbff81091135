/** Conditions, actions and transforms as rules keep them: checked, and completed with AWS's defaults. */

export type StoredCondition =
  | { readonly field: 'host-header' | 'path-pattern'; readonly values?: Texts; readonly regexes?: Texts }
  | { readonly field: 'http-header'; readonly name: string; readonly values?: Texts; readonly regexes?: Texts }
  | { readonly field: 'http-request-method'; readonly values: Texts }
  | { readonly field: 'query-string'; readonly pairs: readonly { readonly key?: string; readonly value: string }[] }
  /** CIDR blocks. */
  | { readonly field: 'source-ip'; readonly values: Texts };

/** One of them must match. `*` and `?` are wildcards where AWS has them. */
type Texts = readonly string[];

export type StoredAction =
  | ForwardAction
  | RedirectAction
  | FixedResponseAction
  | AuthenticateOidcAction
  | JwtValidationAction;

interface Ordered {
  /** 1 to 50,000. */
  readonly order: number;
}

export interface ForwardAction extends Ordered {
  readonly type: 'forward';
  /** One to five. */
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[];
  readonly stickiness: { readonly enabled: boolean; readonly durationSeconds?: number };
}

export interface RedirectAction extends Ordered {
  readonly type: 'redirect';
  /** With `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` still in them. */
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly status: 301 | 302;
}

export interface FixedResponseAction extends Ordered {
  readonly type: 'fixed-response';
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
}

export interface AuthenticateOidcAction extends Ordered {
  readonly type: 'authenticate-oidc';
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly clientId: string;
  /** Never shown again. */
  readonly clientSecret: string;
  readonly sessionCookieName: string;
  readonly scope: string;
  readonly sessionTimeoutSeconds: number;
  readonly extraParameters: Readonly<Record<string, string>>;
  readonly onUnauthenticated: 'deny' | 'allow' | 'authenticate';
}

export interface JwtValidationAction extends Ordered {
  readonly type: 'jwt-validation';
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly claims: readonly {
    readonly name: string;
    readonly format: 'single-string' | 'string-array' | 'space-separated-values';
    readonly values: readonly string[];
  }[];
}

export type StoredTransform = {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly rewrites: readonly { readonly regex: string; readonly replace: string }[];
};
