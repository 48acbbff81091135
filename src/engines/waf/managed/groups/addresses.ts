/**
 * AWSManagedRulesAmazonIpReputationList and AWSManagedRulesAnonymousIpList: lists of addresses. AWS's own lists are
 * AWS's; Bailey ships none. The operator's configuration names lists, and a rule whose list is missing matches nothing.
 */
import { evidence } from '../../detectors/evidence.ts';
import type { ManagedRule } from '../../resources.ts';
import type { RuleAction } from '../../types.ts';
import type { AddressList, ManagedFacts } from '../facts.ts';
import type { ManagedGroup } from '../group.ts';
import { block, count, judging } from '../rules.ts';

function listed(
  name: string,
  namespace: string,
  list: AddressList,
  reason: string,
  facts: ManagedFacts,
  action: RuleAction = block,
): ManagedRule {
  return judging(
    name,
    namespace + name,
    'CLIENT_ADDRESS',
    (view) =>
      facts.isListed?.(list, view.request.source.ip)
        ? evidence('protocol', reason, view.request.source.ip, 0.7)
        : undefined,
    action,
  );
}

const reputationNamespace = 'awswaf:managed:aws:amazon-ip-list:';

export const reputation: ManagedGroup = {
  Name: 'AWSManagedRulesAmazonIpReputationList',
  Description: 'Addresses with a bad name, from the lists that the operator has configured.',
  Capacity: 25,
  Versions: [],
  LabelNamespace: reputationNamespace,
  rules: (_, facts) => [
    listed(
      'AWSManagedIPReputationList',
      reputationNamespace,
      'reputation',
      'an address that is known for attacks',
      facts,
    ),
    listed(
      'AWSManagedReconnaissanceList',
      reputationNamespace,
      'reconnaissance',
      'an address that is known for scanning',
      facts,
    ),
    listed(
      'AWSManagedIPDDoSList',
      reputationNamespace,
      'ddos',
      'an address that has taken part in floods',
      facts,
      count,
    ),
  ],
};

const anonymousNamespace = 'awswaf:managed:aws:anonymous-ip-list:';

export const anonymous: ManagedGroup = {
  Name: 'AWSManagedRulesAnonymousIpList',
  Description: 'Addresses behind which clients hide, from the lists that the operator has configured.',
  Capacity: 50,
  Versions: [],
  LabelNamespace: anonymousNamespace,
  rules: (_, facts) => [
    listed('AnonymousIPList', anonymousNamespace, 'anonymous', 'an address of a proxy, VPN or Tor', facts),
    listed('HostingProviderIPList', anonymousNamespace, 'hosting', 'an address of a hosting provider', facts),
  ],
};
