/** What is kept of custom key stores: where they are, whether they are connected, and which keys lie in them. */
import type { ConnectionErrorCodeType } from '@aws-sdk/client-kms';
import { table } from '../../../store/store.ts';

/** A secret of the store's owner, encrypted in the vault under a key of the store's own. */
export interface SealedSecret {
  readonly materialId: string;
  /** Base64 of the vault's sealed key. */
  readonly sealed: string;
  /** Base64. */
  readonly ciphertext: string;
}

export interface XksSettings {
  /** `https://xks.example.com` */
  readonly endpoint: string;
  /** `/prefix/kms/xks/v1` */
  readonly path: string;
  readonly connectivity: 'PUBLIC_ENDPOINT' | 'VPC_ENDPOINT_SERVICE';
  readonly vpcEndpointService?: string;
  readonly vpcEndpointServiceOwner?: string;
  readonly accessKeyId: string;
  readonly secret: SealedSecret;
}

export interface HsmSettings {
  readonly clusterId: string;
  readonly trustAnchor: string;
  readonly password: SealedSecret;
}

export interface CustomKeyStoreRow {
  readonly account: string;
  readonly region: string;
  /** `cks-1234567890abcdef0` */
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly connection: 'CONNECTED' | 'DISCONNECTED' | 'FAILED';
  /** Of a connection that failed. */
  readonly problem?: ConnectionErrorCodeType;
  readonly xks?: XksSettings;
  readonly hsm?: HsmSettings;
}

/** Partition `account/region`, id = the store's id. */
export const customKeyStores = table<CustomKeyStoreRow>('kms.custom-key-store');

/** Partition = `storeChildren(store)`, id = key id. */
export const keysOfStore = table<Record<string, never>>('kms.custom-key-store-key');

/** Which external keys are taken. Partition = `storeChildren(store)`, id = the key's id at the proxy. */
export const externalKeys = table<{ readonly keyId: string }>('kms.external-key');

export const storeChildren = (store: Pick<CustomKeyStoreRow, 'account' | 'region' | 'id'>): string =>
  `${store.account}/${store.region}/${store.id}`;
