/** The errors of AWS WAF, with the texts that AWS sends. */
import type { ParameterExceptionField } from '@aws-sdk/client-wafv2';
import { reasons as ofRules } from '../../engines/waf/validation/reasons.ts';
import { AwsError } from '../service.ts';

export const nonexistentItem = (): AwsError =>
  new AwsError(
    'WAFNonexistentItemException',
    'AWS WAF couldn’t perform the operation because your resource doesn’t exist.',
  );

export const duplicateItem = (): AwsError =>
  new AwsError(
    'WAFDuplicateItemException',
    'AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.',
  );

export const associatedItem = (): AwsError =>
  new AwsError(
    'WAFAssociatedItemException',
    'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
  );

export const optimisticLock = (): AwsError =>
  new AwsError(
    'WAFOptimisticLockException',
    'AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.',
  );

export const unavailableEntity = (): AwsError =>
  new AwsError(
    'WAFUnavailableEntityException',
    'AWS WAF couldn’t retrieve the resource that you requested. Retry your request.',
  );

/** @param sourceType what there are too many of: `WEB_ACL`, `IP_ADDRESS`, `CAPACITY_UNIT` */
export const limitsExceeded = (sourceType: string): AwsError =>
  new AwsError(
    'WAFLimitsExceededException',
    'AWS WAF couldn’t perform the operation because you exceeded your resource limit.',
    { members: { SourceType: sourceType } },
  );

export const invalidOperation = (message: string): AwsError => new AwsError('WAFInvalidOperationException', message);

export const invalidResource = (): AwsError =>
  new AwsError(
    'WAFInvalidResourceException',
    'AWS WAF couldn’t perform the operation because the resource that you requested isn’t valid. Check the resource, and try again.',
  );

export const tagOperation = (message: string): AwsError => new AwsError('WAFTagOperationException', message);

export const subscriptionNotFound = (): AwsError =>
  new AwsError(
    'WAFSubscriptionNotFoundException',
    'You tried to use a managed rule group that’s available by subscription, but you aren’t subscribed to it yet.',
  );

export const expiredVersion = (): AwsError =>
  new AwsError(
    'WAFExpiredManagedRuleGroupVersionException',
    'The operation failed because the specified version for the managed rule group has expired. You can retrieve the available versions for the managed rule group by calling ListAvailableManagedRuleGroupVersions.',
  );

export const logDestinationPermission = (): AwsError =>
  new AwsError(
    'WAFLogDestinationPermissionIssueException',
    'Unable to deliver logs to the configured destination. You might need to grant log delivery permissions for the destination. If you’re using S3 as your log destination, you might have exceeded your bucket limit.',
  );

export const invalidPermissionPolicy = (message: string): AwsError =>
  new AwsError('WAFInvalidPermissionPolicyException', message);

export const unsupportedAggregateKey = (): AwsError =>
  new AwsError(
    'WAFUnsupportedAggregateKeyTypeException',
    'The rule that you’ve named doesn’t aggregate solely on the IP address or solely on the forwarded IP address.',
  );

/** The reasons that AWS gives for parameters: those of rules, and more. */
export const reasons = {
  ...ofRules,
  scope: 'The scope is not valid.',
  arn: "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.",
  logDestination:
    "The ARN isn't valid. A valid log destination is a CloudWatch Logs log group or an S3 bucket whose name begins with aws-waf-logs-.",
} as const;

export const invalidParameter = (field: ParameterExceptionField, parameter: string, reason: string): AwsError =>
  new AwsError('WAFInvalidParameterException', `Error reason: ${reason}, field: ${field}, parameter: ${parameter}`, {
    members: { Field: field, Parameter: parameter, Reason: reason },
  });
