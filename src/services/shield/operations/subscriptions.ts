/** The subscription to Shield Advanced: a commitment of a year. */
import type {
  CreateSubscriptionRequest,
  CreateSubscriptionResponse,
  DeleteSubscriptionRequest,
  DeleteSubscriptionResponse,
  DescribeSubscriptionRequest,
  DescribeSubscriptionResponse,
  GetSubscriptionStateRequest,
  GetSubscriptionStateResponse,
  UpdateSubscriptionRequest,
  UpdateSubscriptionResponse,
} from '@aws-sdk/client-shield';
import { AwsError, type CheckCall, operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { exists, noSubscription } from '../errors.ts';
import type { ShieldPorts } from '../ports.ts';
import { type SubscriptionRow, subscriptions } from '../state.ts';

const commitmentSeconds = 31_536_000;
/** Shield quotas: protections of one kind, groups, members of one group. */
export const MOST_PROTECTIONS = 1_000;
export const MOST_GROUPS = 100;
export const MOST_MEMBERS = 10_000;
const kinds = [
  'ELASTIC_IP_ADDRESS',
  'CLASSIC_LOAD_BALANCER',
  'APPLICATION_LOAD_BALANCER',
  'CLOUDFRONT_DISTRIBUTION',
  'ROUTE_53_HOSTED_ZONE',
  'GLOBAL_ACCELERATOR',
];

/** A commitment that was not renewed ends by itself. */
async function subscription(call: Pick<CheckCall, 'change' | 'scope' | 'now'>): Promise<SubscriptionRow | undefined> {
  const row = await call.change.get(subscriptions, '', call.scope.account);
  if (!row || row.endsAt > call.now) return row;
  if (row.autoRenew === 'DISABLED') return undefined;
  const year = commitmentSeconds * 1000;
  return { ...row, endsAt: row.endsAt + Math.ceil((call.now - row.endsAt + 1) / year) * year };
}

/** @throws ResourceNotFoundException without one */
export async function requireSubscription(call: Pick<CheckCall, 'change' | 'scope' | 'now'>): Promise<SubscriptionRow> {
  const row = await subscription(call);
  if (!row) throw noSubscription();
  return row;
}

export const CreateSubscription = operation<CreateSubscriptionRequest, CreateSubscriptionResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    if (await subscription(call)) throw exists('The subscription already exists.', 'SUBSCRIPTION');
    call.change.put(subscriptions, '', call.scope.account, {
      startedAt: call.now,
      endsAt: call.now + commitmentSeconds * 1000,
      autoRenew: 'ENABLED',
      proactive: 'DISABLED',
      contacts: [],
      drtBuckets: [],
    });
    return {};
  },
});

export const GetSubscriptionState = operation<GetSubscriptionStateRequest, GetSubscriptionStateResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  handle: async (_input, call) => ({ SubscriptionState: (await subscription(call)) ? 'ACTIVE' : 'INACTIVE' }),
});

export const DescribeSubscription = operation<DescribeSubscriptionRequest, DescribeSubscriptionResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const row = await requireSubscription(call);
    return {
      Subscription: {
        StartTime: new Date(row.startedAt),
        EndTime: new Date(row.endsAt),
        TimeCommitmentInSeconds: commitmentSeconds,
        AutoRenew: row.autoRenew,
        ProactiveEngagementStatus: row.proactive,
        Limits: kinds.map((Type) => ({ Type, Max: MOST_PROTECTIONS })),
        SubscriptionLimits: {
          ProtectionLimits: { ProtectedResourceTypeLimits: kinds.map((Type) => ({ Type, Max: MOST_PROTECTIONS })) },
          ProtectionGroupLimits: {
            MaxProtectionGroups: MOST_GROUPS,
            PatternTypeLimits: { ArbitraryPatternLimits: { MaxMembers: MOST_MEMBERS } },
          },
        },
        SubscriptionArn: `arn:aws:shield::${call.scope.account}:subscription`,
      },
    };
  },
});

export const UpdateSubscription = operation<UpdateSubscriptionRequest, UpdateSubscriptionResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await requireSubscription(call);
    const month = 30 * 24 * 60 * 60 * 1000;
    // "You can only change the AutoRenew setting during the last 30 days": switching it off earlier is refused.
    if (input.AutoRenew === 'DISABLED' && row.endsAt - call.now > month) {
      throw new AwsError(
        'InvalidParameterException',
        'AutoRenew can be disabled in the last 30 days of the commitment only.',
      );
    }
    call.change.put(subscriptions, '', call.scope.account, { ...row, autoRenew: input.AutoRenew ?? row.autoRenew });
    return {};
  },
});

export const DeleteSubscription = operation<DeleteSubscriptionRequest, DeleteSubscriptionResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const row = await requireSubscription(call);
    // The commitment is the first year's: one that was renewed after it may be given up.
    if (call.now < row.startedAt + commitmentSeconds * 1000) {
      throw new AwsError(
        'LockedSubscriptionException',
        'You are trying to update a subscription that has not yet completed the 1-year commitment.',
      );
    }
    call.change.delete(subscriptions, '', call.scope.account);
    return {};
  },
});
