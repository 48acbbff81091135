/** Whether what a store's keys lie in is there, knows its credential, and can serve. */
import type { ConnectionErrorCodeType } from '@aws-sdk/client-kms';
import type { Call } from '../../service.ts';
import type { KmsPorts } from '../ports.ts';
import { clientOf } from './backing.ts';
import { XksFailure, xksFault } from './failures.ts';
import { tokenProblem } from './hsm-settings.ts';
import { tokenLogin } from './secrets.ts';
import type { CustomKeyStoreRow } from './state.ts';
import { XksClient } from './xks-client.ts';
import type { OpenXksSettings } from './xks-settings.ts';

/** For settings that are about to be kept. @throws AwsError in the words of CreateCustomKeyStore */
export async function checkProxy(
  call: Call,
  ports: KmsPorts,
  settings: OpenXksSettings,
  secret: string,
): Promise<void> {
  const { endpoint, path, accessKeyId } = settings;
  const client = new XksClient(ports.xks, { endpoint, path, credential: { accessKeyId, secret } }, call);
  await client.checkHealth().catch((error) => xksFault(error, 'store'));
}

/** Why a store does not connect; undefined when it does. */
export async function connectionProblem(
  call: Call,
  ports: KmsPorts,
  store: CustomKeyStoreRow,
): Promise<ConnectionErrorCodeType | undefined> {
  if (store.hsm) {
    return ports.vault.checkToken(store.hsm.clusterId, tokenLogin(store)).then(() => undefined, tokenProblem);
  }
  try {
    await (await clientOf(call, ports, store)).checkHealth();
    return undefined;
  } catch (error) {
    if (error instanceof XksFailure) return error.connectionError;
    throw error;
  }
}
