/** Who may help and who is told: access for the response team, emergency contacts, proactive engagement. */
import type {
  AssociateDRTLogBucketRequest,
  AssociateDRTLogBucketResponse,
  AssociateDRTRoleRequest,
  AssociateDRTRoleResponse,
  AssociateProactiveEngagementDetailsRequest,
  AssociateProactiveEngagementDetailsResponse,
  DescribeDRTAccessRequest,
  DescribeDRTAccessResponse,
  DescribeEmergencyContactSettingsRequest,
  DescribeEmergencyContactSettingsResponse,
  DisableProactiveEngagementRequest,
  DisableProactiveEngagementResponse,
  DisassociateDRTLogBucketRequest,
  DisassociateDRTLogBucketResponse,
  DisassociateDRTRoleRequest,
  DisassociateDRTRoleResponse,
  EmergencyContact,
  EnableProactiveEngagementRequest,
  EnableProactiveEngagementResponse,
  UpdateEmergencyContactSettingsRequest,
  UpdateEmergencyContactSettingsResponse,
} from '@aws-sdk/client-shield';
import { AwsError, type Call, type Check, type CheckCall, operation } from '../../service.ts';
import { onAll } from '../checks.ts';
import { invalid, invalidOperation, limits, noResource } from '../errors.ts';
import type { ShieldPorts } from '../ports.ts';
import { type ContactRow, type SubscriptionRow, subscriptions } from '../state.ts';
import { requireSubscription } from './subscriptions.ts';

const MOST_BUCKETS = 10;
const MOST_CONTACTS = 10;

const put = (call: Call, row: SubscriptionRow): object => {
  call.change.put(subscriptions, '', call.scope.account, row);
  return {};
};

function passRole(call: CheckCall, arn: string): Check {
  return {
    action: 'iam:PassRole',
    resource: { arn, account: arn.split(':')[4] ?? call.scope.account },
    context: { 'iam:PassedToService': 'drt.shield.amazonaws.com' },
  };
}

export const AssociateDRTRole = operation<AssociateDRTRoleRequest, AssociateDRTRoleResponse, ShieldPorts>({
  checks: (input, call) => [...onAll(call), passRole(call, input.RoleArn)],
  async handle(input, call, ports) {
    const row = await requireSubscription(call);
    if (!(await ports.roleExists(call.change, input.RoleArn))) throw noResource();
    return put(call, { ...row, drtRole: input.RoleArn });
  },
});

export const DisassociateDRTRole = operation<DisassociateDRTRoleRequest, DisassociateDRTRoleResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const { drtRole: _role, ...rest } = await requireSubscription(call);
    if (rest.drtBuckets.length > 0) throw invalidOperation('Disassociate the log buckets first.');
    return put(call, rest);
  },
});

export const AssociateDRTLogBucket = operation<
  AssociateDRTLogBucketRequest,
  AssociateDRTLogBucketResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await requireSubscription(call);
    if (row.drtRole === undefined) {
      throw new AwsError('NoAssociatedRoleException', 'The ARN of the role that you specified does not exist.');
    }
    if (row.drtBuckets.length >= MOST_BUCKETS) throw limits('LogBuckets', MOST_BUCKETS);
    return put(call, { ...row, drtBuckets: [...new Set([...row.drtBuckets, input.LogBucket])] });
  },
});

export const DisassociateDRTLogBucket = operation<
  DisassociateDRTLogBucketRequest,
  DisassociateDRTLogBucketResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await requireSubscription(call);
    if (!row.drtBuckets.includes(input.LogBucket)) throw noResource();
    return put(call, { ...row, drtBuckets: row.drtBuckets.filter((one) => one !== input.LogBucket) });
  },
});

export const DescribeDRTAccess = operation<DescribeDRTAccessRequest, DescribeDRTAccessResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const row = await requireSubscription(call);
    return { LogBucketList: [...row.drtBuckets], ...(row.drtRole !== undefined && { RoleArn: row.drtRole }) };
  },
});

function contactsOf(given: readonly EmergencyContact[] | undefined): ContactRow[] {
  if ((given ?? []).length > MOST_CONTACTS) throw limits('EmergencyContacts', MOST_CONTACTS);
  return (given ?? []).map(({ EmailAddress: email = '', PhoneNumber: phone, ContactNotes: notes }) => ({
    email,
    ...(phone !== undefined && { phone }),
    ...(notes !== undefined && { notes }),
  }));
}

export const DescribeEmergencyContactSettings = operation<
  DescribeEmergencyContactSettingsRequest,
  DescribeEmergencyContactSettingsResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const { contacts } = await requireSubscription(call);
    return {
      EmergencyContactList: contacts.map(({ email, phone, notes }) => ({
        EmailAddress: email,
        ...(phone !== undefined && { PhoneNumber: phone }),
        ...(notes !== undefined && { ContactNotes: notes }),
      })),
    };
  },
});

export const UpdateEmergencyContactSettings = operation<
  UpdateEmergencyContactSettingsRequest,
  UpdateEmergencyContactSettingsResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await requireSubscription(call);
    const contacts = contactsOf(input.EmergencyContactList);
    if (row.proactive === 'ENABLED' && !contacts.some(({ phone }) => phone !== undefined)) {
      throw invalid('Proactive engagement needs a contact with a phone number.');
    }
    return put(call, { ...row, contacts });
  },
});

export const AssociateProactiveEngagementDetails = operation<
  AssociateProactiveEngagementDetailsRequest,
  AssociateProactiveEngagementDetailsResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const row = await requireSubscription(call);
    if (row.contacts.length > 0) throw invalidOperation('Proactive engagement details are there already: update them.');
    const contacts = contactsOf(input.EmergencyContactList);
    if (!contacts.some(({ phone }) => phone !== undefined))
      throw invalid('Proactive engagement needs a contact with a phone number.');
    return put(call, { ...row, contacts, proactive: 'ENABLED' });
  },
});

export const EnableProactiveEngagement = operation<
  EnableProactiveEngagementRequest,
  EnableProactiveEngagementResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    const row = await requireSubscription(call);
    if (row.contacts.length === 0)
      throw invalidOperation('Proactive engagement needs contacts: associate its details first.');
    return put(call, { ...row, proactive: 'ENABLED' });
  },
});

export const DisableProactiveEngagement = operation<
  DisableProactiveEngagementRequest,
  DisableProactiveEngagementResponse,
  ShieldPorts
>({
  checks: (_input, call) => onAll(call),
  async handle(_input, call) {
    return put(call, { ...(await requireSubscription(call)), proactive: 'DISABLED' });
  },
});
