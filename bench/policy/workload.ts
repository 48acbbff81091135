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

/** Requests that meet the statements: most name a service and a bucket that some statement names. */
export function asks(of: readonly Spec[], count = 64): Ask[] {
  const verbs = ['Get', 'Put', 'Delete', 'List'];
  return Array.from({ length: count }, (_, index) => {
    const spec = of[(index * 13) % of.length]!;
    const folder = index % 5 === 0 ? 'secret' : 'menu';
    return {
      action: `${spec.service}:${verbs[index % 4]}Object`,
      arn: `arn:aws:${spec.service}:::${spec.bucket}/${folder}/${index}`,
      values: new Map([
        ['aws:username', 'rudy'],
        ['aws:userid', 'AIDARUDY'],
        ['aws:principalarn', `arn:aws:iam::${account}:user/rudy`],
        ['aws:principaltag/team', `team${index % 3}`],
        ['aws:resourcetag/owner', `team${index % 2}`],
        ['aws:sourceip', `10.${index % 4}.3.4`],
        ['aws:multifactorauthpresent', index % 3 === 0 ? 'true' : 'false'],
        ['aws:requestedregion', index % 2 === 0 ? 'eu-west-1' : 'us-east-1'],
        ['aws:securetransport', 'true'],
        ['aws:useragent', 'aws-cli/2.9'],
      ]),
    };
  });
}
