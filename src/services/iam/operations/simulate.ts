/** SimulateCustomPolicy and SimulatePrincipalPolicy. */
import type {
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { combine } from '../../../engines/policy/index.ts';
import type { Layers } from '../../../engines/policy/types.ts';
import { type Call, type CheckCall, type ConditionValues, type Decoded, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { invalidInput } from '../errors.ts';
import { pageOf } from '../pages.ts';
import { policySourceCheck } from '../policy-source-check.ts';
import type { IamPorts } from '../ports.ts';
import { anybody, policySource, simulatedCaller } from '../simulated-principal.ts';
import { compiledInputs, Simulator } from '../simulation.ts';
import { simulatedValues } from '../simulation-context.ts';

/** What both operations take. */
type Question = Decoded<Omit<SimulatePrincipalPolicyRequest, 'PolicySourceArn'>> &
  Pick<SimulateCustomPolicyRequest, 'OrderedOrganizationPolicyInputList'>;

type Subject = Awaited<ReturnType<typeof policySource>>;

/** Pairs of action and resource in one call; AWS bounds them by the size of the request. */
const mostPairs = 10_000;

export const simulateCustomPolicy = operation<SimulateCustomPolicyRequest, SimulatePolicyResponse, IamPorts>({
  checks: (_input, call) => [accountCheck(call, 'iam:SimulateCustomPolicy')],
  async handle(input, call) {
    const subject: Subject = {
      principal: anybody(call.scope.account),
      layers: { identity: combine([]) },
      values: {},
    };
    return simulate(input, call, subject);
  },
});

export const simulatePrincipalPolicy = operation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse, IamPorts>({
  checks: async (input, call) => [await policySourceCheck(call, 'iam:SimulatePrincipalPolicy', input.PolicySourceArn)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    return simulate(input, call, await policySource(call.change, ports.awsManaged, account, input.PolicySourceArn));
  },
});

async function simulate(input: Question, call: Call, subject: Subject): Promise<SimulatePolicyResponse> {
  if (
    input.ResourcePolicy !== undefined &&
    input.CallerArn === undefined &&
    subject.values['aws:userid'] === undefined
  ) {
    throw invalidInput('CallerArn is required when a ResourcePolicy is given.');
  }
  const resources = input.ResourceArns?.length ? input.ResourceArns : ['*'];
  const pairs = input.ActionNames.flatMap((action, a) =>
    resources.map((resource, r) => ({ action: actionName(action), resource, place: a * resources.length + r })),
  );
  if (pairs.length > mostPairs) {
    throw invalidInput(`At most ${mostPairs} pairs of action and resource can be simulated in one call.`);
  }
  const caller =
    input.CallerArn === undefined ? subject : await simulatedCaller(call.change, call.scope.account, input.CallerArn);
  const simulator = new Simulator({
    principal: caller.principal,
    layers: layersOf(input, subject.layers),
    resourcePolicy: input.ResourcePolicy,
    resourceOwner: ownerOf(input.ResourceOwner) ?? accountOf(caller.principal) ?? call.scope.account,
    values: simulatedValues(input.ContextEntries, { ...moment(call), ...caller.values }),
  });
  const { items, rest } = pageOf(call, input, pairs, (pair) => String(pair.place).padStart(9, '0'));
  return { EvaluationResults: items.map((pair) => simulator.evaluate(pair.action, pair.resource)), ...rest };
}

/** Policies of the input join those of the principal; a boundary of the input takes the place of its own. */
function layersOf(input: Question, own: Subject['layers']): Pick<Layers, 'identity' | 'boundary' | 'scps'> {
  const added = compiledInputs('PolicyInputList', 'identity', input.PolicyInputList);
  const bounds = compiledInputs(
    'PermissionsBoundaryPolicyInputList',
    'boundary',
    input.PermissionsBoundaryPolicyInputList,
  );
  const boundary = bounds.length > 0 ? combine(bounds) : own.boundary;
  const levels = input.OrderedOrganizationPolicyInputList;
  const scps = levels?.map((level, at) =>
    combine(compiledInputs(`OrderedOrganizationPolicyInputList.${at + 1}`, 'scp', level.ServiceControlPolicyInputList)),
  );
  return {
    identity: combine([...own.identity.policies, ...added]),
    ...(boundary && { boundary }),
    ...(scps?.length && { scps }),
  };
}

/** @throws InvalidInput: "This operation does not support using wildcards (*) in an action name." */
function actionName(name: string): string {
  const [service, action, ...rest] = name.split(':');
  if (!service || !action || rest.length > 0 || name.includes('*') || name.includes('?')) {
    throw invalidInput(`Invalid action name ${name}: it must be like iam:CreateUser, without wildcards.`);
  }
  return name;
}

/** `arn:aws:iam::111122223333:root`, or the account id alone. */
function ownerOf(owner: string | undefined): string | undefined {
  if (owner === undefined) return undefined;
  const account = owner.startsWith('arn:') ? owner.split(':')[4] : owner;
  if (account?.length !== 12) throw invalidInput(`Invalid ResourceOwner ${owner}: it must be the ARN of an account.`);
  return account;
}

function accountOf(principal: Subject['principal']): string | undefined {
  return 'account' in principal ? principal.account : undefined;
}

function moment(call: CheckCall): ConditionValues {
  return {
    'aws:CurrentTime': `${new Date(call.now).toISOString().slice(0, 19)}Z`,
    'aws:EpochTime': String(Math.floor(call.now / 1000)),
  };
}
