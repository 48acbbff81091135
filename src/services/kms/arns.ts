/** ARNs of keys and aliases, made and taken apart. */

export interface KeyArnParts {
  readonly region: string;
  readonly account: string;
  /** `key/ID` or `alias/NAME` */
  readonly resource: string;
}

export function keyArn(key: { readonly account: string; readonly region: string; readonly id: string }): string {
  return `arn:aws:kms:${key.region}:${key.account}:key/${key.id}`;
}

/** @param name with its `alias/` */
export function aliasArn(account: string, region: string, name: string): string {
  return `arn:aws:kms:${region}:${account}:${name}`;
}

/** Undefined for what is no ARN of a key or alias. */
export function parseKeyArn(arn: string): KeyArnParts | undefined {
  const parts = arn.split(':');
  if (parts.length !== 6 || parts[0] !== 'arn' || parts[1] !== 'aws' || parts[2] !== 'kms') return undefined;
  const [, , , region = '', account = '', resource = ''] = parts;
  if (!/^\d{12}$/.test(account) || region === '') return undefined;
  if (!resource.startsWith('key/') && !resource.startsWith('alias/')) return undefined;
  return { region, account, resource };
}
