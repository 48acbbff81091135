/** Resource policies: which services and other accounts may write to the groups of an account and region. */
import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { PolicySyntaxError, parsePolicy } from '../../../engines/policy/index.ts';
import { operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { invalid, limitExceeded, noPolicy } from '../errors.ts';
import { pageOf } from '../pages.ts';
import type { LogsPorts } from '../ports.ts';
import { partitionOf, policies } from '../state.ts';

/** CloudWatch Logs quotas, "Resource policies": per region and account. */
const MOST_POLICIES = 10;

export const PutResourcePolicy = operation<PutResourcePolicyRequest, PutResourcePolicyResponse, LogsPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { policyName: name, policyDocument: document } = input;
    if (name === undefined || document === undefined) throw invalid('policyName and policyDocument must be given.');
    if (input.resourceArn !== undefined) throw invalid('Policies of single resources are not built by Bailey.');
    try {
      parsePolicy(document, 'resource');
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      throw invalid(`Policy document is not valid: ${error.message}`);
    }
    const partition = partitionOf(call.scope);
    const present = await call.change.list(policies, partition);
    if (present.length >= MOST_POLICIES && !present.some(({ id }) => id === name)) {
      throw limitExceeded('Resource limit exceeded.');
    }
    call.change.put(policies, partition, name, { name, document, updatedAt: call.now });
    return { resourcePolicy: { policyName: name, policyDocument: document, lastUpdatedTime: call.now } };
  },
});

export const DescribeResourcePolicies = operation<
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  LogsPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const rows = await call.change.list(policies, partitionOf(call.scope));
    const { items, next } = pageOf(
      call,
      input.nextToken,
      input.limit ?? 50,
      rows.map(({ value }) => value),
      ({ name }) => name,
    );
    return {
      resourcePolicies: items.map((row) => ({
        policyName: row.name,
        policyDocument: row.document,
        lastUpdatedTime: row.updatedAt,
      })),
      ...next,
    };
  },
});

export const DeleteResourcePolicy = operation<DeleteResourcePolicyRequest, object, LogsPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const name = input.policyName ?? '';
    if (!(await call.change.get(policies, partitionOf(call.scope), name))) throw noPolicy(name);
    call.change.delete(policies, partitionOf(call.scope), name);
    return {};
  },
});
