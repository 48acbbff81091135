/** AWSManagedRulesAntiDDoSRuleSet: what to do with requests while a flood goes on. What is a flood, the traffic engine says. */
import { evidence } from '../../detectors/evidence.ts';
import { RegexFault } from '../../regex/fault.ts';
import { compileRegex, type Regex } from '../../regex/regex.ts';
import type { ManagedRule } from '../../resources.ts';
import type { ManagedRuleGroupConfig } from '../../types.ts';
import type { RequestView } from '../../view.ts';
import type { ManagedFacts, Suspicion } from '../facts.ts';
import type { ManagedGroup } from '../group.ts';
import { block, challenge, judging } from '../rules.ts';

const namespace = 'awswaf:managed:aws:anti-ddos:';
const suspicionKey = {};
const calm: Suspicion = { isEvent: false, level: 'none' };
const levels = ['none', 'low', 'medium', 'high'] as const;

/** The lowest suspicion that a sensitivity acts upon: LOW acts on the most suspicious only. */
const from = { LOW: 3, MEDIUM: 2, HIGH: 1 } as const;

function suspicionOf(view: RequestView, facts: ManagedFacts): Suspicion {
  return view.once(suspicionKey, () => facts.suspicion?.(view) ?? calm);
}

/** What browsers fetch for pages and can answer a challenge for: no calls of scripts, no files. */
function isChallengeable(view: RequestView, exempt: readonly Regex[]): boolean {
  const { method, path } = view.request;
  if (method !== 'GET' || exempt.some((shape) => shape.test(path))) return false;
  return !/^\/api\/|\.(?:acc|avi|css|gif|ico|jpe?g|js|json|mp[34]|ogg|otf|pdf|png|svg|tiff?|ttf|webm|webp|woff2?|xml)$/i.test(
    path,
  );
}

/** AWS's own default stands where nothing is configured; an expression that is none exempts nothing. */
function exemptions(
  settings: NonNullable<ManagedRuleGroupConfig['AWSManagedRulesAntiDDoSRuleSet']> | undefined,
): readonly Regex[] {
  const texts = settings?.ClientSideActionConfig.Challenge.ExemptUriRegularExpressions ?? [];
  return texts.flatMap(({ RegexString: text }) => {
    try {
      return text === undefined ? [] : [compileRegex(text)];
    } catch (error) {
      if (error instanceof RegexFault) return [];
      throw error;
    }
  });
}

function rules(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): readonly ManagedRule[] {
  const settings = configs.find(
    (config) => config.AWSManagedRulesAntiDDoSRuleSet !== undefined,
  )?.AWSManagedRulesAntiDDoSRuleSet;
  const challenges = settings?.ClientSideActionConfig.Challenge;
  const isChallenging = challenges?.UsageOfAction !== 'DISABLED';
  const exempt = exemptions(settings);
  const challengeFrom = from[challenges?.Sensitivity ?? 'HIGH'];
  const blockFrom = from[settings?.SensitivityToBlock ?? 'LOW'];
  const isSuspected = (view: RequestView, least: number) => {
    const { isEvent, level } = suspicionOf(view, facts);
    return isEvent && levels.indexOf(level) >= least
      ? evidence('protocol', `looks like the flood: ${level} suspicion`, '', 0.7)
      : undefined;
  };
  return [
    judging(
      'ChallengeAllDuringEvent',
      `${namespace}ChallengeAllDuringEvent`,
      'URI',
      (view) =>
        isChallenging && suspicionOf(view, facts).isEvent && isChallengeable(view, exempt)
          ? evidence('protocol', 'a flood goes on', '', 0.5)
          : undefined,
      challenge,
    ),
    judging(
      'ChallengeDDoSRequests',
      `${namespace}ChallengeDDoSRequests`,
      'URI',
      (view) => (isChallenging && isChallengeable(view, exempt) ? isSuspected(view, challengeFrom) : undefined),
      challenge,
    ),
    judging('DDoSRequests', `${namespace}DDoSRequests`, 'URI', (view) => isSuspected(view, blockFrom), block),
  ];
}

function prepare(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): (view: RequestView) => void {
  const settings = configs.find(
    (config) => config.AWSManagedRulesAntiDDoSRuleSet !== undefined,
  )?.AWSManagedRulesAntiDDoSRuleSet;
  const exempt = exemptions(settings);
  // "If usage is disabled: the managed rule group doesn't add the label" (WAF API Reference, ClientSideAction).
  const isChallenging = settings?.ClientSideActionConfig.Challenge.UsageOfAction !== 'DISABLED';
  return (view) => {
    const { isEvent, level } = suspicionOf(view, facts);
    if (!isEvent) return;
    view.addLabel(`${namespace}event-detected`);
    if (level !== 'none') {
      view.addLabel(`${namespace}ddos-request`);
      view.addLabel(`${namespace}${level}-suspicion-ddos-request`);
    }
    if (isChallenging && isChallengeable(view, exempt)) view.addLabel(`${namespace}challengeable-request`);
  };
}

export const antiFlood: ManagedGroup = {
  Name: 'AWSManagedRulesAntiDDoSRuleSet',
  Description: 'Floods of requests: challenges and blocks what takes part in them.',
  Capacity: 50,
  Versions: [],
  LabelNamespace: namespace,
  AvailableLabels: [
    'event-detected',
    'ddos-request',
    'low-suspicion-ddos-request',
    'medium-suspicion-ddos-request',
    'high-suspicion-ddos-request',
    'challengeable-request',
  ].map((name) => namespace + name),
  rules,
  prepare,
};
