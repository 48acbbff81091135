/** A request while it is inspected, as rules see it: parts read once, labels so far, and room to remember. */
import type { HttpRequest } from './request.ts';
import type { TokenFailure } from './verdict.ts';

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export interface TokenStatus {
  /** Valid for this domain and client, whether or not a rule's immunity time is over. */
  readonly isValid: boolean;
  readonly failure?: TokenFailure;
  readonly id?: string;
  /** Milliseconds since the epoch; undefined where that puzzle was never solved. */
  readonly challengeSolved?: number;
  readonly captchaSolved?: number;
}

export interface RequestView {
  readonly request: HttpRequest;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Arguments of the query string, in order, as sent (not decoded); names may repeat. */
  readonly queryArguments: readonly NamedValue[];
  /** In order, as sent. */
  readonly cookies: readonly NamedValue[];
  /** The inspected part of the body, one character per byte. */
  readonly body: string;
  readonly isBodyOversize: boolean;
  /** Values of the headers with that name (in lower case), joined by a comma; undefined where there is none. */
  header(lowerCaseName: string): string | undefined;
  hasLabel(label: string): boolean;
  /** Fully qualified; visible to the rules that follow. */
  addLabel(label: string): void;
  readonly labels: readonly string[];
  token(): TokenStatus;
  /** What `make` answered the first time for this key and request. */
  once<T>(key: object, make: (view: RequestView) => T): T;
  /** What `make` answered the first time for this key and web ACL: memory between requests. */
  memory<T>(key: object, make: () => T): T;
}
