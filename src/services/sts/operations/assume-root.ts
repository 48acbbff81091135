/** AssumeRoot: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html */
import type { AssumeRootRequest, AssumeRootResponse } from '@aws-sdk/client-sts';
import { operation } from '../../service.ts';
import { accessDenied } from '../errors.ts';
import type { StsPorts } from '../ports.ts';

/** Root sessions belong to organizations that have turned them on; until there are organizations, everyone is refused. */
export const assumeRoot = operation<AssumeRootRequest, AssumeRootResponse, StsPorts>({
  checks(input, call) {
    const context = input.TaskPolicyArn.arn ? { 'sts:TaskPolicyArn': input.TaskPolicyArn.arn } : {};
    const arn = rootArn(input.TargetPrincipal);
    return [{ action: 'sts:AssumeRoot', resource: { arn, account: arn.split(':')[4] || call.scope.account }, context }];
  },
  handle(input, call) {
    const { principal } = call.caller;
    const who = 'arn' in principal ? principal.arn : 'anonymous';
    throw accessDenied(
      `User: ${who} is not authorized to perform: sts:AssumeRoot on resource: ${rootArn(input.TargetPrincipal)}`,
    );
  },
});

/** "The member account principal ARN or account ID." */
function rootArn(target: string): string {
  return target.startsWith('arn:') ? target : `arn:aws:iam::${target}:root`;
}
