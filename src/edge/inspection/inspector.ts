/** What a web ACL makes of a request, as sites act on it. */
import type { Exchange } from '../exchange.ts';

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

export interface Inspector {
  /** Body bytes that it looks at. */
  readonly bodyBytes: number;
  inspect(exchange: Exchange, failsOpen: boolean): Ruling;
}
