/**
 * AWSManagedRulesBotControlRuleSet: robots by category, and, at the level TARGETED, clients by their tokens and numbers.
 * What AWS learns over all its customers' traffic (`TGT_ML_…`) is asked of an observer outside.
 */
import { evidence } from '../../detectors/evidence.ts';
import type { RequestSource } from '../../request.ts';
import type { ManagedRule } from '../../resources.ts';
import type { ManagedRuleGroupConfig, RuleAction } from '../../types.ts';
import type { RequestView } from '../../view.ts';
import { type Bot, type BotCategory, botOf, isAutomated, isBrowser, isInconsistent } from '../bots.ts';
import { countersOf } from '../counters.ts';
import type { ManagedFacts } from '../facts.ts';
import type { ManagedGroup } from '../group.ts';
import { block, captcha, challenge, count, judging, observing } from '../rules.ts';

const namespace = 'awswaf:managed:aws:bot-control:';

const categories: readonly BotCategory[] = [
  'Advertising',
  'Archiver',
  'ContentFetcher',
  'EmailClient',
  'HttpLibrary',
  'LinkChecker',
  'Miscellaneous',
  'Monitoring',
  'PagePreview',
  'ScrapingFramework',
  'SearchEngine',
  'Security',
  'Seo',
  'SocialMedia',
  'Webhooks',
  'AI',
];

const botKey = {};
const counterKey = {};
const minute = 60_000;

/** Requests of one client without a token, and of one session, in five minutes. */
const mostWithoutToken = 5;
const mostOfSession = 300;

const snake = (category: string): string =>
  category.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

function bot(view: RequestView): Bot | undefined {
  return view.once(botKey, () => botOf(view.header('user-agent') ?? ''));
}

function isVerified(view: RequestView, facts: ManagedFacts): boolean {
  const found = bot(view);
  return found !== undefined && (facts.isVerifiedBot?.(found.name, view.request.source.ip) ?? false);
}

function isTargeted(configs: readonly ManagedRuleGroupConfig[]): boolean {
  return configs.some((config) => config.AWSManagedRulesBotControlRuleSet?.InspectionLevel === 'TARGETED');
}

function rules(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): readonly ManagedRule[] {
  const common = categories.map((category) =>
    judging(`Category${category}`, `${namespace}bot:category:${snake(category)}`, 'HEADER', (view) => {
      const found = bot(view);
      // Robots that are who they say they are pass, but for those of artificial intelligence.
      if (found?.category !== category || (category !== 'AI' && isVerified(view, facts))) return undefined;
      return evidence('protocol', `a robot: ${found.name}`, view.header('user-agent') ?? '', 0.7);
    }),
  );
  const signals = [
    judging('SignalAutomatedBrowser', `${namespace}signal:automated_browser`, 'HEADER', (view) => {
      const agent = view.header('user-agent') ?? '';
      return isAutomated(agent) ? evidence('protocol', 'a browser that a program drives', agent, 0.7) : undefined;
    }),
    judging('SignalKnownBotDataCenter', `${namespace}signal:known_bot_data_center`, 'CLIENT_ADDRESS', (view) =>
      facts.isListed?.('hosting', view.request.source.ip) && !isVerified(view, facts)
        ? evidence('protocol', 'an address of a data center', view.request.source.ip, 0.6)
        : undefined,
    ),
    judging('SignalNonBrowserUserAgent', `${namespace}signal:non_browser_user_agent`, 'HEADER', (view) => {
      const agent = view.header('user-agent') ?? '';
      return isBrowser(agent) || isVerified(view, facts)
        ? undefined
        : evidence('protocol', 'no browser’s name', agent, 0.6);
    }),
  ];
  const further = targeted(facts, learns(configs));
  // At the level COMMON they are there, and rest.
  return [
    ...common,
    ...signals,
    ...(isTargeted(configs) ? further : further.map((rule) => ({ ...rule, inspect: () => [] }))),
  ];
}

/** AWS decides these by machine learning over its customers; here by whoever observes clients, if anybody does. */
function learned(facts: ManagedFacts): readonly ManagedRule[] {
  const rule = (level: string, action: RuleAction) =>
    observing(
      `TGT_ML_CoordinatedActivity${level}`,
      `${namespace}targeted:aggregate:coordinated_activity:${level.toLowerCase()}`,
      `coordinated_activity:${level.toLowerCase()}`,
      facts,
      action,
    );
  return [rule('Low', challenge), rule('Medium', captcha), rule('High', captcha)];
}

function learns(configs: readonly ManagedRuleGroupConfig[]): boolean {
  return configs.every((config) => config.AWSManagedRulesBotControlRuleSet?.EnableMachineLearning !== false);
}

function targeted(facts: ManagedFacts, isLearning: boolean): readonly ManagedRule[] {
  return [
    ...(isLearning ? learned(facts) : learned({})),
    observing(
      'TGT_SignalBrowserAutomationExtension',
      `${namespace}targeted:signal:browser_automation_extension`,
      'browser_automation_extension',
      facts,
      captcha,
    ),
    judging(
      'TGT_VolumetricIpTokenAbsent',
      `${namespace}targeted:aggregate:volumetric:ip:token_absent`,
      'CLIENT_ADDRESS',
      (view) => {
        if (view.token().isValid) return undefined;
        const { ip } = view.request.source;
        const seen = countersOf(view, counterKey, 5 * minute).add(`ip ${ip}`, view.now);
        return seen > mostWithoutToken ? evidence('protocol', 'many requests without a token', ip, 0.7) : undefined;
      },
      challenge,
    ),
    judging(
      'TGT_TokenAbsent',
      `${namespace}targeted:signal:token_absent`,
      'HEADER',
      (view) => (view.token().failure === 'TOKEN_MISSING' ? evidence('protocol', 'no token', '', 0.4) : undefined),
      count,
    ),
    judging(
      'TGT_VolumetricSession',
      `${namespace}targeted:aggregate:volumetric:session:high`,
      'HEADER',
      (view) => {
        const { id, isValid } = view.token();
        if (!isValid || id === undefined) return undefined;
        const seen = countersOf(view, counterKey, 5 * minute).add(`session ${id}`, view.now);
        return seen > mostOfSession ? evidence('protocol', 'many requests of one session', '', 0.7) : undefined;
      },
      captcha,
    ),
    judging(
      'TGT_SignalBrowserInconsistency',
      `${namespace}targeted:signal:browser_inconsistency`,
      'HEADER',
      (view) => {
        const agent = view.header('user-agent') ?? '';
        return isInconsistent(view, agent)
          ? evidence('protocol', 'headers that do not fit the browser’s name', agent, 0.7)
          : undefined;
      },
      captcha,
    ),
    judging(
      'TGT_VolumetricSessionMaximum',
      `${namespace}targeted:aggregate:volumetric:session:maximum`,
      'HEADER',
      (view) => {
        const { id, isValid } = view.token();
        if (!isValid || id === undefined) return undefined;
        const seen = countersOf(view, counterKey, 5 * minute).seen(`session ${id}`, view.now);
        return seen > mostOfSession * 4
          ? evidence('protocol', 'far too many requests of one session', '', 0.9)
          : undefined;
      },
      block,
    ),
    judging(
      'TGT_SignalAutomatedBrowser',
      `${namespace}targeted:signal:automated_browser`,
      'HEADER',
      (view) => {
        const agent = view.header('user-agent') ?? '';
        return isAutomated(agent) ? evidence('protocol', 'a browser that a program drives', agent, 0.7) : undefined;
      },
      captcha,
    ),
    ...reuses('Ip', 'ip', ({ ip }) => ip, [3, 5, 9]),
    ...reuses('Country', 'country', ({ country }) => country, [2, 3, 4]),
    ...reuses('Asn', 'asn', ({ asn }) => asn?.toString(), [2, 4, 7]),
  ];
}

/** One token from several addresses, countries or networks within five minutes; how many are low, medium and high is ours. */
function reuses(
  name: string,
  label: string,
  of: (source: RequestSource) => string | undefined,
  [low, medium, high]: readonly [number, number, number],
): readonly ManagedRule[] {
  const rule = (level: string, from: number, below: number, action: RuleAction): ManagedRule =>
    judging(
      `TGT_TokenReuse${name}${level}`,
      `${namespace}targeted:aggregate:volumetric:session:token_reuse:${label}:${level.toLowerCase()}`,
      'CLIENT_ADDRESS',
      (view) => {
        const { id, isValid } = view.token();
        const member = of(view.request.source);
        if (!isValid || id === undefined || member === undefined) return undefined;
        const members = countersOf(view, counterKey, 5 * minute).distinct(`${label} ${id}`, member, view.now);
        return members >= from && members < below
          ? evidence('protocol', `one token, ${members} different values of ${label}`, member, 0.8)
          : undefined;
      },
      action,
    );
  return [
    rule('Low', low, medium, count),
    rule('Medium', medium, high, captcha),
    rule('High', high, Number.POSITIVE_INFINITY, block),
  ];
}

function prepare(_: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): (view: RequestView) => void {
  return (view) => {
    const found = bot(view);
    if (found === undefined) return;
    view.addLabel(`${namespace}bot:name:${found.name}`);
    view.addLabel(`${namespace}bot:${isVerified(view, facts) ? 'verified' : 'unverified'}`);
  };
}

export const botControl: ManagedGroup = {
  Name: 'AWSManagedRulesBotControlRuleSet',
  Description: 'Robots by category, automated browsers, and clients without tokens.',
  Capacity: 50,
  Versions: ['Version_1.0', 'Version_2.0', 'Version_3.0', 'Version_3.1', 'Version_3.2', 'Version_3.3'],
  LabelNamespace: namespace,
  AvailableLabels: [`${namespace}bot:verified`, `${namespace}bot:unverified`],
  rules,
  prepare,
};
