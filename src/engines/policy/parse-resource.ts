/** Resources as IAM takes them: `*`, or an ARN of a known partition with IAM's and S3's own rules. */
import type { Faults } from './faults.ts';
import type { Grammar } from './grammar.ts';
import type { JsonNode } from './json.ts';

const partitions: ReadonlySet<string> = new Set([
  '*',
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-eusc',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
]);

export function checkResource(resource: string, node: JsonNode, grammar: Grammar, faults: Faults): void {
  if (resource === '*') return;
  const message = problem(resource, grammar.iamResources);
  if (message !== undefined) faults.add('resource-format', 'resource-format', message, node, resource);
}

/** What IAM answers, or undefined when the resource is fine. */
function problem(resource: string, strict: boolean): string | undefined {
  const parts = resource.split(':');
  // `arn:*` and `arn*` stand for any resource in policies that only services read, as `*` does.
  if (!strict && (parts[0] === 'arn*' || resource === 'arn:*')) return undefined;
  if (parts[0] !== 'arn' || parts.length === 1) return `Resource ${resource} must be in ARN format or "*".`;
  const [, partition = '', vendor, region, account] = parts;
  if (!partitions.has(partition) && (strict || !partition.includes('*'))) {
    const filled = [vendor || '*', region ?? '*', account ?? '*', parts.length > 5 ? parts.slice(5).join(':') : '*'];
    return `Partition "${partition}" is not valid for resource "arn:${partition}:${filled.join(':')}".`;
  }
  if (vendor === undefined) return 'Resource vendor must be fully qualified and cannot contain regexes.';
  if (vendor === '' || (parts.length < 6 && resource.includes('::'))) return 'The policy failed legacy parsing';
  if (!strict) return undefined;
  const path = parts.slice(5).join(':');
  if (vendor === 'iam' && parts.length >= 6) return iamProblem(resource, region ?? '', path);
  if (vendor === 's3' && parts.length >= 6 && region !== '' && !isRegionalS3(path)) {
    return `Resource ${resource} can not contain region information.`;
  }
  return undefined;
}

/** Access points and the other S3 resources that live in a region; a wildcard may stand for them. */
function isRegionalS3(path: string): boolean {
  return regionalS3.some((start) => path.startsWith(start)) || path.startsWith('*');
}

const regionalS3 = ['accesspoint/', 'job/', 'storage-lens/', 'storage-lens-group/', 'access-grants/', 'async-request/'];

const iamPaths = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

function iamProblem(resource: string, region: string, path: string): string | undefined {
  if (region !== '') return `IAM resource ${resource} cannot contain region information.`;
  // Newer than the text: IAM takes these and names only the older ones.
  const newer = path.startsWith('delegation-request/') || path.startsWith('assumed-role/') || path === 'root';
  if (path === '*' || newer || iamPaths.some((start) => path.startsWith(start))) return undefined;
  return `IAM resource path must either be "*" or start with ${iamPaths.join(', ')}.`;
}
