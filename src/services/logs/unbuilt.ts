/** Members of CloudWatch Logs' inputs that change what is shown or protected, and that are not built. */
import type { Unbuilt } from '../service.ts';

export const unbuilt: Unbuilt = {
  members: new Set(`unmask expectedRevisionId policyScope accountIdentifiers includeLinkedAccounts`.split(/\s+/)),
};
