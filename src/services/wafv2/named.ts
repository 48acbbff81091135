/** GetWebACL and GetRuleGroup take either an ARN, or a name with scope and id. */
import type { ParameterExceptionField } from '@aws-sdk/client-wafv2';
import type { Named } from './entity.ts';
import { invalidParameter, reasons } from './errors.ts';
import type { Scope } from './state.ts';

interface Given {
  readonly Name?: string | undefined;
  readonly Scope?: Scope | undefined;
  readonly Id?: string | undefined;
  readonly ARN?: string | undefined;
}

/** @throws AwsError WAFInvalidParameterException */
export function namedOrArn(input: Given, field: ParameterExceptionField): Named | { readonly arn: string } {
  const { Name, Scope, Id, ARN } = input;
  const isNamed = Name !== undefined && Scope !== undefined && Id !== undefined;
  if (ARN !== undefined && Name === undefined && Id === undefined) return { arn: ARN };
  if (ARN === undefined && isNamed) return { Name, Scope, Id };
  throw invalidParameter(field, ARN === undefined ? 'Name, Scope, Id' : 'ARN', reasons.exactlyOne);
}
