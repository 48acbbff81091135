/** UpdateCustomKeyStore: another name at any time, another place only while the store is disconnected. */
import type { UpdateCustomKeyStoreRequest } from '@aws-sdk/client-kms';
import { AwsError, type Call, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { findStore, listStores, storeState } from '../custom-key-stores/find-store.ts';
import { hsmMembers, requireActive, requireCluster } from '../custom-key-stores/hsm-settings.ts';
import { checkProxy } from '../custom-key-stores/proxy-check.ts';
import { openStoreSecret, sealStoreSecret } from '../custom-key-stores/secrets.ts';
import {
  type CustomKeyStoreRow,
  customKeyStores,
  type HsmSettings,
  type XksSettings,
} from '../custom-key-stores/state.ts';
import {
  refuseMembers,
  requireService,
  requireUnshared,
  xksMembers,
  xksSettings,
} from '../custom-key-stores/xks-settings.ts';
import { validation } from '../errors.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition } from '../state.ts';
import { nameInUse } from './create-custom-key-store.ts';

type Input = UpdateCustomKeyStoreRequest;

/** "You can change this value when the external key store is connected or disconnected." */
const whenever = new Set<string>(['XksProxyUriPath', 'XksProxyAuthenticationCredential']);

export const UpdateCustomKeyStore = operation<UpdateCustomKeyStoreRequest, object, KmsPorts>({
  record: { hide: ['KeyStorePassword', 'XksProxyAuthenticationCredential'] },
  checks: (_input, call) => [accountCheck(call, 'UpdateCustomKeyStore')],
  async handle(input, call, ports) {
    const store = await findStore(call, input.CustomKeyStoreId);
    const others = (await listStores(call)).filter((one) => one.id !== store.id);
    const name = input.NewCustomKeyStoreName;
    if (name !== undefined && others.some((one) => one.name === name)) throw nameInUse(name);
    refuseMembers(input, store.xks ? hsmMembers : xksMembers, store.xks ? 'EXTERNAL_KEY_STORE' : 'AWS_CLOUDHSM');
    const changed = [...xksMembers, ...hsmMembers].filter((member) => (input as Record<string, unknown>)[member]);
    if (name === undefined && changed.length === 0) throw validation('There is nothing to update in the request.');
    if (store.connection !== 'DISCONNECTED' && !changed.every((member) => whenever.has(member))) {
      throw storeState('The key store must be disconnected before these properties can be changed.');
    }
    const place =
      changed.length === 0
        ? {}
        : store.xks
          ? { xks: await external(input, call, ports, store, others) }
          : { hsm: await cluster(input, call, ports, store, others) };
    call.change.put(customKeyStores, keyPartition(store.account, store.region), store.id, {
      ...store,
      ...(name !== undefined && { name }),
      ...place,
    });
    return {};
  },
});

async function external(
  input: Input,
  call: Call,
  ports: KmsPorts,
  store: CustomKeyStoreRow,
  others: readonly CustomKeyStoreRow[],
): Promise<XksSettings> {
  const before = store.xks as XksSettings;
  const settings = xksSettings(input, store.account, before);
  requireUnshared(settings, others);
  requireService(settings, ports.xks);
  const given = input.XksProxyAuthenticationCredential?.RawSecretAccessKey;
  // Behind a VPC endpoint the proxy is asked only where it is in use.
  if (settings.connectivity === 'PUBLIC_ENDPOINT' || store.connection === 'CONNECTED') {
    const secret = given ?? (await openStoreSecret(ports.vault, store, before.secret));
    await call.once('health', () => checkProxy(call, ports, settings, secret));
  }
  if (given === undefined) return { ...settings, secret: before.secret };
  return { ...settings, secret: await call.once('secret', () => sealStoreSecret(ports.vault, store, given)) };
}

/** Another cluster must be a copy of the one before: it has the same certificate. */
async function cluster(
  input: Input,
  call: Call,
  ports: KmsPorts,
  store: CustomKeyStoreRow,
  others: readonly CustomKeyStoreRow[],
): Promise<HsmSettings> {
  const before = store.hsm as HsmSettings;
  const clusterId = input.CloudHsmClusterId ?? before.clusterId;
  const given = input.KeyStorePassword;
  try {
    requireCluster({ account: store.account, clusterId, trustAnchor: before.trustAnchor }, ports.clusters, others);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'IncorrectTrustAnchorException') throw error;
    throw new AwsError('CloudHsmClusterNotRelatedException', `${clusterId} has another certificate.`);
  }
  await call.once('active', () => requireActive(ports.vault, clusterId));
  if (given === undefined) return { ...before, clusterId };
  return {
    ...before,
    clusterId,
    password: await call.once('secret', () => sealStoreSecret(ports.vault, store, given)),
  };
}
