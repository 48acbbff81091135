/** The ARNs of IAM's entities, built and taken apart. Paths begin and end with a slash. */

export type EntityKind = 'user' | 'group' | 'role' | 'policy' | 'instance-profile';

/** @returns such as `arn:aws:iam::111122223333:user/shop/Rudy` */
export function entityArn(kind: EntityKind, account: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

export function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`;
}

/** What an IAM ARN names. `account` is `aws` for AWS managed policies. */
export interface ParsedArn {
  readonly account: string;
  readonly kind: EntityKind;
  readonly path: string;
  readonly name: string;
}

const kinds: readonly string[] = ['user', 'group', 'role', 'policy', 'instance-profile'] satisfies EntityKind[];

/** @returns undefined unless the text is the ARN of one IAM entity */
export function parseArn(arn: string): ParsedArn | undefined {
  const parts = arn.split(':');
  if (parts.length !== 6 || parts[0] !== 'arn' || parts[1] !== 'aws' || parts[2] !== 'iam' || parts[3] !== '') {
    return undefined;
  }
  const account = parts[4]!;
  const resource = parts[5]!;
  const start = resource.indexOf('/');
  const end = resource.lastIndexOf('/');
  const kind = resource.slice(0, start);
  const name = resource.slice(end + 1);
  if (start < 0 || name === '' || account === '' || !kinds.includes(kind)) return undefined;
  return { account, kind: kind as EntityKind, path: resource.slice(start, end + 1), name };
}
