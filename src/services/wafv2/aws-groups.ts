/** AWS's managed rule groups, as the engine has them. */
import type { OfferedGroup } from './managed-groups.ts';
import type { Scope } from './state.ts';

export function awsGroups(_scope: Scope): readonly OfferedGroup[] {
  return [];
}
