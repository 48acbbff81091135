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
  /** PEM. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

export interface AcmPorts {
  /** The authority that signs what is requested. Rejects while it cannot (a sealed vault): then it is tried again. */
  issue(request: IssueRequest): Promise<Issued>;
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
