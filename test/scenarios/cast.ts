/** Who plays in the scenarios: one caller of each kind, in the shop's account and in a neighbour's. */
import type { RequestPrincipal } from '../../src/engines/policy/types.ts';

const shop = '111122223333';
const neighbour = '444455556666';

function role(account: string, name: string, roleId: string, serviceLinked = false) {
  return {
    kind: 'assumed-role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/shift`,
    id: `${roleId}:shift`,
    roleArn: `arn:aws:iam::${account}:role/${serviceLinked ? `aws-service-role/tea.amazonaws.com/${name}` : name}`,
    roleId,
    roleName: name,
    sessionName: 'shift',
    serviceLinked,
  } as const;
}

function user(account: string, name: string, id: string) {
  return { kind: 'user', account, arn: `arn:aws:iam::${account}:user/${name}`, id, name } as const;
}

export const cast = {
  owner: { kind: 'root', account: shop, arn: `arn:aws:iam::${shop}:root`, id: shop },
  rudy: user(shop, 'rudy', 'AIDARUDYRUDYRUDY0001'),
  /** Created after the first Rudy was deleted. */
  newRudy: user(shop, 'rudy', 'AIDARUDYRUDYRUDY0002'),
  barista: role(shop, 'barista', 'AROABARISTABARIS0001'),
  linked: role(shop, 'AWSServiceRoleForTea', 'AROASERVICELINKED001', true),
  guest: {
    kind: 'federated-user',
    account: shop,
    arn: `arn:aws:sts::${shop}:federated-user/guest`,
    id: `${shop}:guest`,
    name: 'guest',
    issuer: { kind: 'user', arn: `arn:aws:iam::${shop}:user/rudy`, id: 'AIDARUDYRUDYRUDY0001' },
  },
  ownersGuest: {
    kind: 'federated-user',
    account: shop,
    arn: `arn:aws:sts::${shop}:federated-user/vip`,
    id: `${shop}:vip`,
    name: 'vip',
    issuer: { kind: 'root', arn: `arn:aws:iam::${shop}:root`, id: shop },
  },
  blaine: user(neighbour, 'blaine', 'AIDABLAINEBLAINE0001'),
  neighbourOwner: { kind: 'root', account: neighbour, arn: `arn:aws:iam::${neighbour}:root`, id: neighbour },
  trail: { kind: 'service', name: 'cloudtrail.amazonaws.com' },
  /** A role that somebody named like a service. */
  impostor: role(shop, 'cloudtrail.amazonaws.com', 'AROAIMPOSTORIMPOS001'),
  badge: { kind: 'federated', provider: `arn:aws:iam::${shop}:oidc-provider/id.example.com` },
  passerby: { kind: 'anonymous' },
} as const satisfies Record<string, RequestPrincipal>;

export type CastName = keyof typeof cast;
