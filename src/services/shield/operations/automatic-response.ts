/** The automatic response on the application layer: Shield's own rules in the web ACL of a protected resource. */
import type {
  DisableApplicationLayerAutomaticResponseRequest,
  DisableApplicationLayerAutomaticResponseResponse,
  EnableApplicationLayerAutomaticResponseRequest,
  EnableApplicationLayerAutomaticResponseResponse,
  ResponseAction,
  UpdateApplicationLayerAutomaticResponseRequest,
  UpdateApplicationLayerAutomaticResponseResponse,
} from '@aws-sdk/client-shield';
import { type Call, operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { invalid, invalidOperation } from '../errors.ts';
import type { ShieldPorts } from '../ports.ts';
import { protections } from '../state.ts';
import { protectionOf } from './protections.ts';
import { requireSubscription } from './subscriptions.ts';

function actionOf(action: ResponseAction | undefined): 'BLOCK' | 'COUNT' {
  if ((action?.Block === undefined) === (action?.Count === undefined))
    throw invalid('Exactly one of Block and Count must be given.');
  return action?.Block ? 'BLOCK' : 'COUNT';
}

async function webAclOf(call: Call, ports: ShieldPorts, arn: string): Promise<string> {
  const resource = await ports.resource(call.change, arn);
  if (resource?.type !== 'APPLICATION_LOAD_BALANCER' && resource?.type !== 'CLOUDFRONT_DISTRIBUTION') {
    throw invalidOperation('Automatic response is for application load balancers and CloudFront distributions.');
  }
  if (resource.webAcl === undefined) throw invalidOperation('The resource must be associated with a web ACL.');
  return resource.webAcl;
}

async function put(call: Call, ports: ShieldPorts, arn: string, action: 'BLOCK' | 'COUNT'): Promise<object> {
  const row = await protectionOf(call, arn);
  const webAcl = await webAclOf(call, ports, arn);
  await call.once('rules', async () => {
    await ports.linkRole(call);
    await ports.placeRules(call.scope.account, arn, webAcl, action);
  });
  call.change.put(protections, call.scope.account, row.id, { ...row, response: { action } });
  return {};
}

export const EnableApplicationLayerAutomaticResponse = operation<
  EnableApplicationLayerAutomaticResponseRequest,
  EnableApplicationLayerAutomaticResponseResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    await requireSubscription(call);
    return put(call, ports, input.ResourceArn, actionOf(input.Action));
  },
});

export const UpdateApplicationLayerAutomaticResponse = operation<
  UpdateApplicationLayerAutomaticResponseRequest,
  UpdateApplicationLayerAutomaticResponseResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    const row = await protectionOf(call, input.ResourceArn);
    if (!row.response) throw invalidOperation('Automatic response is not enabled for the resource.');
    return put(call, ports, input.ResourceArn, actionOf(input.Action));
  },
});

export const DisableApplicationLayerAutomaticResponse = operation<
  DisableApplicationLayerAutomaticResponseRequest,
  DisableApplicationLayerAutomaticResponseResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    const { response, ...rest } = await protectionOf(call, input.ResourceArn);
    if (!response) throw invalidOperation('Automatic response is not enabled for the resource.');
    const { webAcl } = (await ports.resource(call.change, input.ResourceArn)) ?? {};
    if (webAcl !== undefined) {
      await call.once('rules', () => ports.placeRules(call.scope.account, input.ResourceArn, webAcl, undefined));
    }
    call.change.put(protections, call.scope.account, rest.id, rest);
    return {};
  },
});
