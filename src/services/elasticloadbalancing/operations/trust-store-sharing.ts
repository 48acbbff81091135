/** DescribeTrustStoreAssociations, DeleteSharedTrustStoreAssociation, GetResourcePolicy: who uses a trust store. */
import type {
  DeleteSharedTrustStoreAssociationInput,
  DescribeTrustStoreAssociationsInput,
  DescribeTrustStoreAssociationsOutput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, operation } from '../../service.ts';
import { arnOf, parseArn } from '../arns.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { validation } from '../errors.ts';
import { findTrustStore, trustStoreAt } from '../find.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { regional, trustStorePartition, trustStoreUses } from '../state.ts';

export const DescribeTrustStoreAssociations = operation<
  DescribeTrustStoreAssociationsInput,
  DescribeTrustStoreAssociationsOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTrustStoreAssociations')],
  async handle(input, call) {
    const store = await findTrustStore(call, input.TrustStoreArn);
    const uses = (await call.change.list(trustStoreUses, trustStorePartition(store))).map(({ id }) => id);
    const { items, rest } = pageOf(call, input, uses, (id) => id);
    return {
      TrustStoreAssociations: items.map((path) => ({ ResourceArn: arnOf(store, `listener/${path}`) })),
      ...rest,
    };
  },
});

/** Trust stores are shared by AWS RAM, which is not built: no listener of another account can be associated. */
export const DeleteSharedTrustStoreAssociation = operation<DeleteSharedTrustStoreAssociationInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteSharedTrustStoreAssociation', input.TrustStoreArn)],
  async handle(input, call) {
    const store = await findTrustStore(call, input.TrustStoreArn);
    const listener = parseArn(input.ResourceArn);
    if (listener?.kind !== 'listener') throw validation(`'${input.ResourceArn}' is not a valid listener ARN`);
    if (listener.account === store.account) {
      const message = 'This association is of the account that owns the trust store, and cannot be deleted';
      throw new AwsError('DeleteAssociationSameAccount', message, { status: 400 });
    }
    const message = `The association of '${input.ResourceArn}' does not exist`;
    throw new AwsError('AssociationNotFound', message, { status: 400 });
  },
});

/** The policy that AWS RAM puts on a shared trust store: one that is not shared has none. */
export const GetResourcePolicy = operation<GetResourcePolicyInput, GetResourcePolicyOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'GetResourcePolicy', input.ResourceArn)],
  async handle(input, call) {
    const parsed = parseArn(input.ResourceArn);
    if (parsed?.kind !== 'truststore') throw validation(`'${input.ResourceArn}' is not a valid trust store ARN`);
    const isHere = regional(parsed) === regional(call.scope);
    const store = isHere ? await trustStoreAt(call.change, parsed) : undefined;
    if (!store) {
      throw new AwsError('ResourceNotFound', `The resource '${input.ResourceArn}' does not exist`, { status: 400 });
    }
    return {};
  },
});
