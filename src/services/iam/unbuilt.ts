/** Members of IAM's inputs that are not built. */
import type { Unbuilt } from '../service.ts';

export const unbuilt: Unbuilt = {
  members: new Set(`PolicyExclusionList`.split(/\s+/)),
};
