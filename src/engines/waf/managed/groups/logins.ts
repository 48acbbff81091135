/** AWSManagedRulesATPRuleSet: account takeover. Looks at login attempts only; counts are kept for ten minutes. */

import type { Evidence } from '../../detectors/detector.ts';
import { evidence } from '../../detectors/evidence.ts';
import type { ManagedRule } from '../../resources.ts';
import type { ManagedRuleGroupConfig } from '../../types.ts';
import type { RequestView } from '../../view.ts';
import { countersOf } from '../counters.ts';
import { fieldOf, isOnPath } from '../credentials.ts';
import type { ManagedFacts } from '../facts.ts';
import type { ManagedGroup } from '../group.ts';
import { block, judging, observing } from '../rules.ts';

const namespace = 'awswaf:managed:aws:atp:';
const window = 10 * 60_000;
const counterKey = {};
const attemptKey = {};

const longestSession = 6 * 3_600_000;

/** As AWS documents: attempts of one address, and of one session, and their different names and passwords. */
const limits = { address: 20, session: 20, names: 10, passwords: 10, addressesOfToken: 5 };

interface Attempt {
  readonly client: string;
  readonly hasToken: boolean;
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly ofAddress: number;
  readonly ofSession: number;
  readonly names: number;
  readonly passwords: number;
  readonly addressesOfToken: number;
}

type Settings = NonNullable<ManagedRuleGroupConfig['AWSManagedRulesATPRuleSet']>;

function attempt(view: RequestView, settings: Settings | undefined): Attempt | undefined {
  if (
    settings === undefined ||
    view.request.method !== 'POST' ||
    !isOnPath(view, settings.LoginPath, settings.EnableRegexInPath)
  ) {
    return undefined;
  }
  return view.once(attemptKey, () => {
    const inspection = settings.RequestInspection;
    const type = inspection?.PayloadType ?? 'FORM_ENCODED';
    const userName = fieldOf(view, type, inspection?.UsernameField);
    const password = fieldOf(view, type, inspection?.PasswordField);
    const { ip } = view.request.source;
    const { id, isValid } = view.token();
    const hasToken = isValid && id !== undefined;
    const client = hasToken ? `session ${id}` : `ip ${ip}`;
    const counters = countersOf(view, counterKey, window);
    const { now } = view;
    return {
      client,
      hasToken,
      userName,
      password,
      ofAddress: hasToken ? 0 : counters.add(`ip ${ip}`, now),
      ofSession: hasToken ? counters.add(`session ${id}`, now) : 0,
      names: userName === undefined ? 0 : counters.distinct(`names ${client}`, userName, now),
      passwords:
        userName === undefined || password === undefined
          ? 0
          : counters.distinct(`passwords ${client} ${userName}`, password, now),
      addressesOfToken: hasToken ? counters.distinct(`addresses ${id}`, ip, now) : 0,
    };
  });
}

function rules(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): readonly ManagedRule[] {
  const settings = configs.find((config) => config.AWSManagedRulesATPRuleSet !== undefined)?.AWSManagedRulesATPRuleSet;
  const rule = (
    name: string,
    label: string,
    judge: (found: Attempt, view: RequestView) => Evidence | undefined,
  ): ManagedRule =>
    judging(
      name,
      namespace + label,
      'BODY',
      (view) => {
        const found = attempt(view, settings);
        return found === undefined ? undefined : judge(found, view);
      },
      block,
    );
  const over = (value: number, limit: number, reason: string) =>
    value > limit ? evidence('protocol', reason, '', 0.7) : undefined;
  return [
    observing('UnsupportedCognitoIDP', `${namespace}unsupported:cognito_idp`, 'unsupported:cognito_idp', facts),
    rule('VolumetricIpHigh', 'aggregate:volumetric:ip:login:high', (found) =>
      over(found.ofAddress, limits.address, 'many logins from one address'),
    ),
    rule('VolumetricSession', 'aggregate:volumetric:session:login:high', (found) =>
      over(found.ofSession, limits.session, 'many logins in one session'),
    ),
    rule('AttributeCompromisedCredentials', 'signal:credential_compromised', ({ userName, password }) =>
      userName !== undefined && password !== undefined && facts.isCompromised?.(userName, password)
        ? evidence('protocol', 'a name and password from a list of stolen ones', '', 0.9)
        : undefined,
    ),
    rule('AttributeUsernameTraversal', 'aggregate:attribute:username_traversal:high', (found) =>
      over(found.names, limits.names, 'many user names'),
    ),
    rule('AttributePasswordTraversal', 'aggregate:attribute:password_traversal:high', (found) =>
      over(found.passwords, limits.passwords, 'many passwords for one user name'),
    ),
    rule('AttributeLongSession', 'aggregate:attribute:long_session', (_, view) => {
      const since = view.token().challengeSolved;
      return since !== undefined && view.now - since > longestSession
        ? evidence('protocol', 'a login with a token of many hours ago', '', 0.5)
        : undefined;
    }),
    rule('VolumetricSessionTokenReuseIp', 'aggregate:volumetric:session:login:token_reuse:ip', (found) =>
      over(found.addressesOfToken, limits.addressesOfToken, 'one token from many addresses'),
    ),
    rule('TokenRejected', 'signal:token_rejected', (_, view) =>
      view.token().failure === 'TOKEN_INVALID'
        ? evidence('protocol', 'a token that is not genuine', '', 0.8)
        : undefined,
    ),
    rule('SignalMissingCredential', 'signal:missing_credential', ({ userName, password }) =>
      settings?.RequestInspection !== undefined &&
      (userName === undefined || userName === '' || password === undefined || password === '')
        ? evidence('protocol', 'a login without a name or password', '', 0.6)
        : undefined,
    ),
    observing(
      'VolumetricIpFailedLoginResponseHigh',
      `${namespace}aggregate:volumetric:ip:failed_login_response:high`,
      'failed_login_response:ip',
      facts,
    ),
    observing(
      'VolumetricSessionFailedLoginResponseHigh',
      `${namespace}aggregate:volumetric:session:failed_login_response:high`,
      'failed_login_response:session',
      facts,
    ),
  ];
}

export const accountTakeover: ManagedGroup = {
  Name: 'AWSManagedRulesATPRuleSet',
  Description: 'Logins with stolen or guessed credentials.',
  Capacity: 50,
  Versions: [],
  LabelNamespace: namespace,
  rules,
};
