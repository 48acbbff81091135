/** What a replay knows of the world: what is data, as traffic is judged by it, and not what only traffic shows. */
import type { ManagedFacts } from '../../../engines/waf/managed/facts.ts';
import { domainsOfRobot } from '../../../engines/waf/managed/robots.ts';

/** The operator's lists. */
export type KnownFacts = Pick<ManagedFacts, 'isListed' | 'isCompromised'>;

/** What rules have asked for, and nobody can say afterwards. */
export type UnknownFact = 'suspicion' | 'isVerifiedBot';

export interface ReplayFacts {
  readonly facts: ManagedFacts;
  readonly unknown: ReadonlySet<UnknownFact>;
}

export function replayFacts(known: KnownFacts): ReplayFacts {
  const unknown = new Set<UnknownFact>();
  const facts: ManagedFacts = {
    ...known,
    isVerifiedBot(robot) {
      // Of others nobody knows in traffic either.
      if (domainsOfRobot(robot) !== undefined) unknown.add('isVerifiedBot');
      return false;
    },
    suspicion() {
      unknown.add('suspicion');
      return { isEvent: false, level: 'none' };
    },
  };
  return { facts, unknown };
}

export const describedFacts: Readonly<Record<UnknownFact, string>> = {
  suspicion: 'whether a flood went on (AWSManagedRulesAntiDDoSRuleSet acts on none)',
  isVerifiedBot: 'whether robots are who they say they are (none is verified)',
};
