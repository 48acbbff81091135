/** What managed groups are told from outside: none of it ships with Bailey, an operator's lists and the edge bring it. */
import type { RequestView } from '../view.ts';

export type AddressList = 'reputation' | 'reconnaissance' | 'ddos' | 'anonymous' | 'hosting';

export interface Suspicion {
  /** Whether the resource is under attack now. */
  readonly isEvent: boolean;
  /** How much this request looks like those of the attack. */
  readonly level: 'none' | 'low' | 'medium' | 'high';
}

export interface ManagedFacts {
  /** Whether the operator's list holds the address. Without a list, nothing is on it. */
  isListed?(list: AddressList, address: string): boolean;
  /** Whether the address belongs to the robot that it says to be (by reverse and forward look-up). */
  isVerifiedBot?(bot: string, address: string): boolean;
  /** Whether the operator's list of stolen credentials holds the pair. */
  isCompromised?(userName: string, password: string): boolean;
  /**
   * Whether something has been observed that no single request shows: `coordinated_activity:low`, `risk_score:high`,
   * `login_failures:ip`, … Whoever watches clients or answers knows; nobody does by default.
   */
  isObserved?(signal: string, view: RequestView): boolean;
  /** What the traffic engine thinks of the request. */
  suspicion?(view: RequestView): Suspicion;
}
