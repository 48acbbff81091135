/** What has pages, and where pages.test.ts looks for it. */
import type { OperationModel } from '../../src/wire/index.ts';

/** Services whose lists are all tried in one way. */
export const pagedEverywhere = [
  'ec2',
  'kms',
  'shield',
  'elasticloadbalancing',
  'cloudfront',
  'route53',
  'acm',
  'cloudwatch',
  'logs',
] as const;

/** The member that asks for the next page; other tokens are grants, locks, or names of requests. */
export function pageToken(operation: OperationModel | undefined): string | undefined {
  return operation?.input.members.find(({ name }) => /^(nexttoken|marker)$/i.test(name))?.name;
}

export const isPagedEverywhere = (service: string): boolean => pagedEverywhere.some((one) => one === service);
