/** The workload in casbin: one row per statement, our own matchers for wildcards and conditions. */
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { contains, parseAddress, parseCidr } from '../../src/engines/text/address.ts';
import { glob, matches } from '../../src/engines/text/glob.ts';
import type { Ask, Spec } from './workload.ts';

const model = `
[request_definition]
r = act, arn, values
[policy_definition]
p = act, arn, kind, wanted, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = wild(r.act, p.act) && wild(r.arn, p.arn) && holds(r.values, p.kind, p.wanted)
`;

function row(spec: Spec): string {
  const inside = `arn:aws:${spec.service}:::${spec.bucket}`;
  switch (spec.kind) {
    case 'prefix':
      return `p, ${spec.service}:Get*, ${inside}/*, prefix, none, allow`;
    case 'address':
      return `p, ${spec.service}:Put*, ${inside}/*, address, ${spec.block}, allow`;
    case 'mfa':
      return `p, ${spec.service}:Delete*, ${inside}/*, mfa, ${spec.team}, allow`;
    case 'owner':
      return `p, ${spec.service}:*, ${inside}/secret/*, owner, ${spec.team}, deny`;
    case 'region':
      return `p, ${spec.service}:List*, *, region, eu-*, allow`;
  }
}

type Values = Ask['values'];

function holds(values: Values, kind: string, wanted: string): boolean {
  if (kind === 'prefix') return true;
  if (kind === 'address') {
    const block = parseCidr(wanted);
    const address = parseAddress(values.get('aws:sourceip') ?? '');
    return block !== undefined && address !== undefined && contains(block, address);
  }
  if (kind === 'mfa') {
    return values.get('aws:multifactorauthpresent') === 'true' && values.get('aws:principaltag/team') === wanted;
  }
  if (kind === 'owner') return values.get('aws:resourcetag/owner') !== wanted;
  return values.get('aws:requestedregion')?.startsWith('eu-') ?? false;
}

export async function casbin(of: readonly Spec[], asked: readonly Ask[]): Promise<(index: number) => boolean> {
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(of.map(row).join('\n')));
  const patterns = new Map<string, ReturnType<typeof glob>>();
  await enforcer.addFunction('wild', (text: string, pattern: string) => {
    let known = patterns.get(pattern);
    if (!known) {
      known = glob(pattern);
      patterns.set(pattern, known);
    }
    return matches(known, text);
  });
  await enforcer.addFunction('holds', holds as (...words: unknown[]) => boolean);
  return (index) => {
    const { action, arn, values } = asked[index]!;
    return enforcer.enforceSync(action, arn, values);
  };
}
