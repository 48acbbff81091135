/** Members of Route 53's inputs that ask what the name server would answer others, or watch alarms, and that are not built. */
import type { Unbuilt } from '../service.ts';

export const unbuilt: Unbuilt = {
  members: new Set(
    `ResolverIP EDNS0ClientSubnetIP EDNS0ClientSubnetMask AlarmIdentifier InsufficientDataHealthStatus`.split(/\s+/),
  ),
};
