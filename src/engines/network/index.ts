/** Security groups and network ACLs: the decision about a packet, and the packet filter that makes it. */
export { decide, firstLine, membersOf } from './decide.ts';
export { hostsOf } from './hosts.ts';
export { hasPorts, isIcmp, protocolName, protocolNumber } from './protocols.ts';
export { flowSet } from './ruleset/flows.ts';
export { ruleset } from './ruleset/index.ts';
export { defaultLimits, sysctls, vectors } from './ruleset/shapers.ts';
export { isTracked, leavesUntracked } from './tracking.ts';
export type * from './types.ts';
