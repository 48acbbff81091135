/** What Bailey's own API asks of the instance. */

export interface BaileyPorts {
  /** The body of a stored call by request id, with the account whose record it is. */
  findCall(requestId: string): Promise<{ readonly account: string; readonly body: Uint8Array } | undefined>;
  /** Bodies of the newest calls of an account, newest first, over all regions and both kinds of event. */
  recentCalls(account: string, limit: number): AsyncIterable<Uint8Array>;
  /** Operations per service: built ones, and those that only the API model knows. */
  coverage(): Promise<
    Readonly<Record<string, { readonly built: readonly string[]; readonly missing: readonly string[] }>>
  >;
  /** The nearest known action to one that does not exist, such as s3:ListBucket for s3:ListObject. */
  hintForAction?(action: string): string | undefined;
}
