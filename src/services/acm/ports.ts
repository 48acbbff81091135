/** What Certificate Manager asks of others: who signs, what DNS says, where mail goes, and who uses a certificate. */
import type { Reader, Store } from '../../store/store.ts';
import type { KeyAlgorithm } from './state.ts';

export interface IssueRequest {
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly days: number;
}

export interface Issued {
  /** PEM. */
  readonly body: string;
  /** PEM; absent where a root signs by itself. */
  readonly chain?: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

/** How the authority asks about a name: by a page of it, or by a record in its DNS. */
export type Way = 'http-01' | 'dns-01';

export interface Authorization {
  /** As ordered: may begin with `*.`. */
  readonly domain: string;
  /** The authority need not ask any more. */
  readonly isValid: boolean;
  readonly challenges: readonly {
    readonly way: Way;
    readonly url: string;
    readonly token: string;
    readonly answer: string;
  }[];
}

export interface OrderState {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  /** `valid`: where the certificate is. */
  readonly certificate?: string;
  readonly problem?: AuthorityProblem;
  readonly retryAfterMs?: number;
}

/** Why the public authority gave none; every method of it may reject with one. */
export interface AuthorityProblem extends Error {
  /** ACME's word (`rateLimited`, `caa` …); `silent` where there was no answer that could be read. */
  readonly type: string;
  readonly retryAfterMs: number | undefined;
}

/** A public authority that the operator has named (RFC 8555), asked step by step: nothing waits in here. */
export interface PublicAuthority {
  /** Whether the operator leaves a name to it; names may begin with `*.`. */
  signsFor(name: string): boolean;
  /** How the authority can be convinced that a name is the account's, the best first; none for somebody else's names. */
  waysFor(reader: Reader, account: string, domain: string): Promise<readonly Way[]>;
  open(
    names: readonly string[],
  ): Promise<{ readonly url: string; readonly finish: string; readonly authorizations: readonly Authorization[] }>;
  /** Resolves when answers that the store holds are given wherever the authority may ask. */
  placed(): Promise<void>;
  /** Says that it may ask now. */
  beAsked(challengeUrl: string): Promise<void>;
  look(url: string): Promise<OrderState>;
  /** PEM, PKCS #8. */
  makeKey(keyAlgorithm: KeyAlgorithm): Promise<string>;
  finish(url: string, privateKey: string, names: readonly string[]): Promise<void>;
  /** PEM, leaf first. */
  read(certificateUrl: string): Promise<string>;
  /** @param reason as ACM names them */
  revoke(certificate: string, reason: string): Promise<void>;
}

export interface AcmPorts {
  /** The authority that signs what is requested. Rejects while it cannot (a sealed vault): then it is tried again. */
  issue(request: IssueRequest): Promise<Issued>;
  /** Signs for public names, where the operator has named one. */
  readonly publicAuthority?: PublicAuthority | undefined;
  /** Names that belong to this instance itself: nobody gets a certificate for them. */
  isOwnName(name: string): boolean;
  /** What the DNS says of a name's CNAME, without the final dot; undefined where it says nothing. */
  cname(name: string): Promise<string | undefined>;
  /** The text holds links that approve: it is written for its reader and never logged. */
  mail(to: string, subject: string, text: string): Promise<void>;
  /** A link on this instance that approves a domain of a request: whoever asks must have no say in where it leads. */
  approvalLink(approval: { readonly path: string; readonly domain: string }): string;
  /** ARNs of the load balancers (and the like) that present a certificate. */
  users(reader: Reader, arn: string): Promise<readonly string[]>;
  readonly store: Pick<Store, 'get' | 'list' | 'begin' | 'commit'>;
}
