/** AWSManagedRulesACFPRuleSet: fraud with new accounts. Looks at the sign-up page and at sign-ups only. */

import type { Evidence } from '../../detectors/detector.ts';
import { evidence } from '../../detectors/evidence.ts';
import type { ManagedRule } from '../../resources.ts';
import type { ManagedRuleGroupConfig, RuleAction } from '../../types.ts';
import type { RequestView } from '../../view.ts';
import { isAutomated, isInconsistent } from '../bots.ts';
import { countersOf } from '../counters.ts';
import { fieldOf, isOnPath } from '../credentials.ts';
import type { ManagedFacts } from '../facts.ts';
import type { ManagedGroup } from '../group.ts';
import { block, captcha, challenge, judging, observing } from '../rules.ts';

const namespace = 'awswaf:managed:aws:acfp:';
const window = 10 * 60_000;
const counterKey = {};
const signUpKey = {};
const limits = { address: 20, session: 10, names: 10, phones: 10, addresses: 10, addressesOfToken: 5 };

type Settings = NonNullable<ManagedRuleGroupConfig['AWSManagedRulesACFPRuleSet']>;

interface SignUp {
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly ofAddress: number;
  readonly ofSession: number;
  readonly names: number;
  readonly phones: number;
  readonly addresses: number;
  readonly addressesOfToken: number;
}

function signUp(view: RequestView, settings: Settings): SignUp | undefined {
  if (view.request.method !== 'POST' || !isOnPath(view, settings.CreationPath, settings.EnableRegexInPath))
    return undefined;
  return view.once(signUpKey, () => {
    const inspection = settings.RequestInspection;
    const read = (field: { readonly Identifier: string } | undefined) => fieldOf(view, inspection.PayloadType, field);
    const userName = read(inspection.UsernameField) ?? read(inspection.EmailField);
    const phone = inspection.PhoneNumberFields?.map(read).join('');
    const address = inspection.AddressFields?.map(read).join(' ');
    const { ip } = view.request.source;
    const { id, isValid } = view.token();
    const session = isValid && id !== undefined ? id : undefined;
    const client = session ?? ip;
    const counters = countersOf(view, counterKey, window);
    const { now } = view;
    return {
      userName,
      password: read(inspection.PasswordField),
      ofAddress: counters.add(`ip ${ip}`, now),
      ofSession: session === undefined ? 0 : counters.add(`session ${session}`, now),
      names: userName === undefined ? 0 : counters.distinct(`names ${client}`, userName, now),
      phones: phone === undefined || phone === '' ? 0 : counters.add(`phone ${phone}`, now),
      addresses: address === undefined || address.trim() === '' ? 0 : counters.add(`address ${address}`, now),
      addressesOfToken: session === undefined ? 0 : counters.distinct(`addresses ${session}`, ip, now),
    };
  });
}

function rules(configs: readonly ManagedRuleGroupConfig[], facts: ManagedFacts): readonly ManagedRule[] {
  const settings = configs.find(
    (config) => config.AWSManagedRulesACFPRuleSet !== undefined,
  )?.AWSManagedRulesACFPRuleSet;
  const rule = (
    name: string,
    label: string,
    action: RuleAction,
    judge: (found: SignUp, view: RequestView) => Evidence | undefined,
  ): ManagedRule =>
    judging(
      name,
      namespace + label,
      'BODY',
      (view) => {
        const found = settings === undefined ? undefined : signUp(view, settings);
        return found === undefined ? undefined : judge(found, view);
      },
      action,
    );
  const over = (value: number, limit: number, reason: string) =>
    value > limit ? evidence('protocol', reason, '', 0.7) : undefined;
  return [
    observing('UnsupportedCognitoIDP', `${namespace}unsupported:cognito_idp`, 'unsupported:cognito_idp', facts),
    observing('RiskScoreHigh', `${namespace}risk_score:high`, 'risk_score:high', facts),
    judging(
      'AllRequests',
      `${namespace}all_requests`,
      'URI',
      (view) =>
        settings !== undefined &&
        (isOnPath(view, settings.RegistrationPagePath, settings.EnableRegexInPath) ||
          isOnPath(view, settings.CreationPath, settings.EnableRegexInPath)) &&
        view.request.method === 'GET'
          ? evidence('protocol', 'the sign-up page is asked for', '', 0.2)
          : undefined,
      challenge,
    ),
    rule('SignalCredentialCompromised', 'signal:credential_compromised', block, ({ userName, password }) =>
      userName !== undefined && password !== undefined && facts.isCompromised?.(userName, password)
        ? evidence('protocol', 'a name and password from a list of stolen ones', '', 0.9)
        : undefined,
    ),
    rule('AutomatedBrowser', 'signal:automated_browser', block, (_, view) => {
      const agent = view.header('user-agent') ?? '';
      return isAutomated(agent) ? evidence('protocol', 'a browser that a program drives', agent, 0.7) : undefined;
    }),
    rule('VolumetricIpHigh', 'aggregate:volumetric:ip:creation:high', captcha, (found) =>
      over(found.ofAddress, limits.address, 'many sign-ups from one address'),
    ),
    rule('VolumetricSessionHigh', 'aggregate:volumetric:session:creation:high', block, (found) =>
      over(found.ofSession, limits.session, 'many sign-ups in one session'),
    ),
    rule('AttributeUsernameTraversalHigh', 'aggregate:attribute:username_traversal:creation:high', block, (found) =>
      over(found.names, limits.names, 'many user names'),
    ),
    rule('VolumetricPhoneNumberHigh', 'aggregate:volumetric:phone_number:high', block, (found) =>
      over(found.phones, limits.phones, 'one telephone number in many sign-ups'),
    ),
    rule('VolumetricAddressHigh', 'aggregate:volumetric:address:high', block, (found) =>
      over(found.addresses, limits.addresses, 'one postal address in many sign-ups'),
    ),
    rule('VolumetricSessionTokenReuseIp', 'aggregate:volumetric:session:creation:token_reuse:ip', block, (found) =>
      over(found.addressesOfToken, limits.addressesOfToken, 'one token from many addresses'),
    ),
    rule('VolumetricAddressLow', 'aggregate:volumetric:address:low', captcha, (found) =>
      over(found.addresses, limits.addresses / 2, 'one postal address in several sign-ups'),
    ),
    observing(
      'SignalClientHumanInteractivityAbsentLow',
      `${namespace}signal:client:human_interactivity:low`,
      'human_interactivity:low',
      facts,
      captcha,
    ),
    rule('BrowserInconsistency', 'signal:browser_inconsistency', captcha, (_, view) => {
      const agent = view.header('user-agent') ?? '';
      return isInconsistent(view, agent)
        ? evidence('protocol', 'headers that do not fit the browser’s name', agent, 0.7)
        : undefined;
    }),
    observing(
      'VolumetricIPSuccessfulResponse',
      `${namespace}aggregate:volumetric:ip:successful_creation_response:high`,
      'successful_creation_response:ip',
      facts,
    ),
    observing(
      'VolumetricSessionSuccessfulResponse',
      `${namespace}aggregate:volumetric:session:successful_creation_response:high`,
      'successful_creation_response:session',
      facts,
    ),
  ];
}

export const accountCreation: ManagedGroup = {
  Name: 'AWSManagedRulesACFPRuleSet',
  Description: 'Fraudulent accounts.',
  Capacity: 50,
  Versions: [],
  LabelNamespace: namespace,
  rules,
};
