/** The same statements and requests for every engine of the policy benchmark: five kinds of statement over 40 services. */

export const account = '111122223333';

export interface Spec {
  readonly kind: 'prefix' | 'address' | 'mfa' | 'owner' | 'region';
  readonly service: string;
  readonly bucket: string;
  readonly team: string;
  readonly block: string;
}

export interface Ask {
  readonly action: string;
  readonly arn: string;
  /** Ten keys of a request's context, lower case. */
  readonly values: ReadonlyMap<string, string>;
}

const kinds: readonly Spec['kind'][] = ['prefix', 'address', 'mfa', 'owner', 'region'];
const services = Array.from({ length: 40 }, (_, index) => `svc${index}`);

export function specs(count: number): Spec[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: kinds[index % 5]!,
    service: services[Math.floor(index / 5) % 40]!,
    bucket: `bucket-${index % 7}-${Math.floor(index / 35)}`,
    team: `team${index % 3}`,
    block: `10.${index % 4}.0.0/16`,
  }));
}

const verbs = { prefix: 'Get', address: 'Put', mfa: 'Delete', owner: 'Get', region: 'List' } as const;

/** Requests that each aim at one statement; three of four have the context that it wants. */
export function asks(of: readonly Spec[], count = 64): Ask[] {
  return Array.from({ length: count }, (_, index) => {
    const spec = of[(index * 13) % of.length]!;
    const fits = index % 4 !== 3;
    const folder = spec.kind === 'owner' ? 'secret' : 'menu';
    return {
      action: `${spec.service}:${verbs[spec.kind]}Object`,
      arn: `arn:aws:${spec.service}:::${spec.bucket}/${folder}/${index}`,
      values: new Map([
        ['aws:username', 'rudy'],
        ['aws:userid', 'AIDARUDY'],
        ['aws:principalarn', `arn:aws:iam::${account}:user/rudy`],
        ['aws:principaltag/team', fits ? spec.team : 'nobody'],
        ['aws:resourcetag/owner', fits ? 'nobody' : spec.team],
        ['aws:sourceip', fits ? spec.block.replace('.0.0/16', '.3.4') : '192.0.2.1'],
        ['aws:multifactorauthpresent', fits ? 'true' : 'false'],
        ['aws:requestedregion', fits ? 'eu-west-1' : 'us-east-1'],
        ['aws:securetransport', 'true'],
        ['aws:useragent', 'aws-cli/2.9'],
      ]),
    };
  });
}
