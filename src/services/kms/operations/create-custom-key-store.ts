/** CreateCustomKeyStore: a place outside of the vault where keys lie, once it is connected. */
import type { CreateCustomKeyStoreRequest, CreateCustomKeyStoreResponse } from '@aws-sdk/client-kms';
import { AwsError, type Call, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { listStores, storesPerRegion } from '../custom-key-stores/find-store.ts';
import { hsmMembers, requireActive, requireCluster, requireHsmMembers } from '../custom-key-stores/hsm-settings.ts';
import { checkProxy } from '../custom-key-stores/proxy-check.ts';
import { sealStoreSecret } from '../custom-key-stores/secrets.ts';
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
import { limitExceeded } from '../errors.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition } from '../state.ts';

type Input = CreateCustomKeyStoreRequest & { CustomKeyStoreName: string };

export const CreateCustomKeyStore = operation<CreateCustomKeyStoreRequest, CreateCustomKeyStoreResponse, KmsPorts>({
  record: { hide: ['KeyStorePassword', 'XksProxyAuthenticationCredential'] },
  checks: (_input, call) => [accountCheck(call, 'CreateCustomKeyStore')],
  async handle(input, call, ports) {
    const { account, region } = call.scope;
    const others = await listStores(call);
    if (others.length >= storesPerRegion) throw limitExceeded(`A region has at most ${storesPerRegion} key stores.`);
    if (others.some((store) => store.name === input.CustomKeyStoreName)) throw nameInUse(input.CustomKeyStoreName);
    const id = await call.once('id', async () => newStoreId(call));
    const empty: CustomKeyStoreRow = {
      account,
      region,
      id,
      name: input.CustomKeyStoreName,
      createdAt: call.now,
      connection: 'DISCONNECTED',
    };
    const isExternal = input.CustomKeyStoreType === 'EXTERNAL_KEY_STORE';
    const settings = isExternal
      ? { xks: await external(input, call, ports, empty, others) }
      : { hsm: await cluster(input, call, ports, empty, others) };
    call.change.put(customKeyStores, keyPartition(account, region), id, { ...empty, ...settings });
    return { CustomKeyStoreId: id };
  },
});

export const nameInUse = (name: string): AwsError =>
  new AwsError('CustomKeyStoreNameInUseException', `A custom key store with the name ${name} already exists.`);

const newStoreId = (call: Call): string => `cks-${Buffer.from(call.random.bytes(9)).toString('hex').slice(0, 17)}`;

/** A proxy at a public endpoint must answer before the store exists; one behind a VPC endpoint, when it is connected. */
async function external(
  input: Input,
  call: Call,
  ports: KmsPorts,
  store: CustomKeyStoreRow,
  others: readonly CustomKeyStoreRow[],
): Promise<XksSettings> {
  refuseMembers(input, hsmMembers, 'EXTERNAL_KEY_STORE');
  const settings = xksSettings(input, store.account);
  const secret = input.XksProxyAuthenticationCredential?.RawSecretAccessKey ?? '';
  requireUnshared(settings, others);
  requireService(settings, ports.xks);
  if (settings.connectivity === 'PUBLIC_ENDPOINT') {
    await call.once('health', () => checkProxy(call, ports, settings, secret));
  }
  return { ...settings, secret: await call.once('secret', () => sealStoreSecret(ports.vault, store, secret)) };
}

async function cluster(
  input: Input,
  call: Call,
  ports: KmsPorts,
  store: CustomKeyStoreRow,
  others: readonly CustomKeyStoreRow[],
): Promise<HsmSettings> {
  refuseMembers(input, xksMembers, 'AWS_CLOUDHSM');
  const {
    CloudHsmClusterId: clusterId,
    TrustAnchorCertificate: trustAnchor,
    KeyStorePassword,
  } = requireHsmMembers(input);
  requireCluster({ account: store.account, clusterId, trustAnchor }, ports.clusters, others);
  await call.once('active', () => requireActive(ports.vault, clusterId));
  const password = await call.once('secret', () => sealStoreSecret(ports.vault, store, KeyStorePassword));
  return { clusterId, trustAnchor, password };
}
