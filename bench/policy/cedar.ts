/** The workload in Cedar (wasm, policies parsed beforehand). */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Ask, Spec } from './workload.ts';

function policy(spec: Spec): string {
  const inside = `arn:aws:${spec.service}:::${spec.bucket}`;
  const when = (action: string, arn: string, more: string): string =>
    `when { context.action like "${spec.service}:${action}" && context.arn like "${arn}"${more} };`;
  switch (spec.kind) {
    case 'prefix':
      return `permit(principal, action, resource) ${when('Get*', `${inside}/*`, '')}`;
    case 'address':
      return `permit(principal, action, resource) ${when('Put*', `${inside}/*`, ` && context.sourceIp.isInRange(ip("${spec.block}"))`)}`;
    case 'mfa':
      return `permit(principal, action, resource) ${when('Delete*', `${inside}/*`, ` && context.mfa == "true" && context.team == "${spec.team}"`)}`;
    case 'owner':
      return `forbid(principal, action, resource) ${when('*', `${inside}/secret/*`, ` && context.owner != "${spec.team}"`)}`;
    case 'region':
      return `permit(principal, action, resource) ${when('List*', '*', ' && context.region like "eu-*"')}`;
  }
}

/** Returns the decision on each ask by its index. */
export function cedar(of: readonly Spec[], asked: readonly Ask[]): (index: number) => boolean {
  const id = `workload ${of.length}`;
  const parsed = preparsePolicySet(id, { staticPolicies: of.map(policy).join('\n') });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed));
  const calls = asked.map(({ action, arn, values }) => ({
    principal: { type: 'User', id: 'rudy' },
    action: { type: 'Action', id: 'call' },
    resource: { type: 'Resource', id: 'any' },
    context: {
      action,
      arn,
      username: values.get('aws:username') ?? '',
      userid: values.get('aws:userid') ?? '',
      principal: values.get('aws:principalarn') ?? '',
      team: values.get('aws:principaltag/team') ?? '',
      owner: values.get('aws:resourcetag/owner') ?? '',
      sourceIp: { __extn: { fn: 'ip', arg: values.get('aws:sourceip') ?? '' } },
      mfa: values.get('aws:multifactorauthpresent') ?? '',
      region: values.get('aws:requestedregion') ?? '',
      secure: values.get('aws:securetransport') ?? '',
      agent: values.get('aws:useragent') ?? '',
    },
    preparsedPolicySetId: id,
    entities: [],
    validateRequest: false,
  }));
  return (index) => {
    const answer = statefulIsAuthorized(calls[index]!);
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer));
    return answer.response.decision === 'allow';
  };
}
