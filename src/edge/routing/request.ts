/** What rules look at. */
import type { Head } from '../intake/head.ts';

export interface RoutedRequest {
  readonly head: Head;
  /** Without port, lower case. */
  readonly hostName: string;
  /** The peer of the connection, or whom a trusted proxy speaks for. */
  readonly source: string;
  readonly isSecure: boolean;
  /** Port of the listener. */
  readonly port: number;
}

/** `Shop.Example:8080` → `shop.example` */
export function hostNameOf(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  return (end <= 0 ? host : host.slice(0, end)).toLowerCase();
}
