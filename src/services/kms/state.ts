/** What the Key Management Service keeps: keys with their sealed material, aliases, grants, imports and key stores. */
import { table } from '../../store/store.ts';

export type KeyState =
  | 'Creating'
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingImport'
  | 'PendingReplicaDeletion'
  | 'Unavailable'
  | 'Updating';

export type Origin = 'AWS_KMS' | 'EXTERNAL' | 'AWS_CLOUDHSM' | 'EXTERNAL_KEY_STORE';

/** One version of a key's material. */
export interface Material {
  /** 64 hex digits. */
  readonly id: string;
  /** Base64 of what the vault sealed; absent while imported material is deleted or has expired. */
  readonly sealed?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** What made it the current one: absent for the first. */
  readonly rotation?: { readonly at: number; readonly type: 'AUTOMATIC' | 'ON_DEMAND' };
  /** Imported material: imported, but not yet rotated to. */
  readonly pending?: 'PENDING_ROTATION' | 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';
  readonly description?: string;
  readonly expires?: { readonly at: number };
}

interface Rotation {
  readonly periodDays: number;
  /** Epoch milliseconds. */
  readonly nextAt: number;
}

export interface KeyRow {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly description: string;
  readonly spec: string;
  /** `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC`, `KEY_AGREEMENT`, … */
  readonly usage: string;
  readonly origin: Origin;
  /** `AWS` for the keys that services use by themselves (`alias/aws/s3`): then this names the service. */
  readonly managedBy?: string;
  readonly state: KeyState;
  /** Epoch milliseconds: when the material goes, of keys in PendingDeletion. */
  readonly deletionAt?: number;
  readonly pendingWindowDays?: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The newest last. Symmetric keys have one per rotation. */
  readonly materials: readonly Material[];
  /** The id of the one that new ciphertexts use; absent before the first import. */
  readonly current?: string;
  /** SPKI DER, base64; asymmetric keys. */
  readonly publicKey?: string;
  readonly rotation?: Rotation;
  readonly onDemandRotations?: number;
  readonly multiRegion?: {
    readonly primaryRegion: string;
    /** Regions with a replica; kept at the primary and at every replica alike. */
    readonly replicas: readonly string[];
  };
  readonly customKeyStoreId?: string;
  readonly cloudHsmClusterId?: string;
  readonly xksKeyId?: string;
}

/** Partition `account/region`, id = key id. */
export const keys = table<KeyRow>('kms.key');

export interface KeyPolicyRow {
  readonly document: string;
  /** ARNs of users and roles in Principal elements → their unique ids when the policy was put. */
  readonly principalIds: Readonly<Record<string, string>>;
}

/** Partition `account/region`, id = key id. */
export const keyPolicies = table<KeyPolicyRow>('kms.key-policy');

export interface AliasRow {
  /** `alias/name` */
  readonly name: string;
  readonly keyId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Partition `account/region`, id = `alias/name`. */
export const aliases = table<AliasRow>('kms.alias');

/** The same the other way round: partition = `keyChildren(key)`, id = `alias/name`. */
export const aliasesOfKey = table<Record<string, never>>('kms.key-alias');

export interface GrantConstraints {
  readonly subset?: Readonly<Record<string, string>>;
  readonly equals?: Readonly<Record<string, string>>;
  readonly sourceArn?: string;
}

export interface GrantRow {
  /** 64 hex digits. */
  readonly id: string;
  readonly keyId: string;
  readonly name?: string;
  /** An ARN of a user, role, session or account root, or a service principal's name. */
  readonly grantee: string;
  /** The unique id of the grantee, if it is a user or a role. */
  readonly granteeId?: string;
  readonly retiring?: string;
  readonly retiringId?: string;
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraints;
  /** Who made it: an ARN. */
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Partition = `keyChildren(key)`, id = grant id. */
export const grants = table<GrantRow>('kms.grant');

/** The same by whom they let in. Partition = `keyChildren(key)`, id = `whose(grant)/grantId`. */
export const grantees = table<{ readonly grantId: string }>('kms.grantee');

/** The same by name, of those that have one. Partition = `keyChildren(key)`, id = `name/grantId`. */
export const grantNames = table<{ readonly grantId: string }>('kms.grant-name');

export const keyPartition = (account: string, region: string): string => `${account}/${region}`;
/** Where grants and alias names of one key lie. */
export const keyChildren = (key: Pick<KeyRow, 'account' | 'region' | 'id'>): string =>
  `${key.account}/${key.region}/${key.id}`;

/** Keys whose time comes, in its order. Partition '', id = `dueId`. */
export const dueDeletions = table<Record<string, never>>('kms.due-deletion');
export const dueRotations = table<Record<string, never>>('kms.due-rotation');

/** @param at epoch milliseconds */
export function dueId(at: number, key: Pick<KeyRow, 'account' | 'region' | 'id'>): string {
  return `${String(at).padStart(15, '0')}/${key.account}/${key.region}/${key.id}`;
}

export function readDueId(id: string): { at: number; account: string; region: string; keyId: string } {
  const [at = '', account = '', region = '', keyId = ''] = id.split('/');
  return { at: Number(at), account, region, keyId };
}

/** Grants by who may retire them. Partition `region/ARN`, id = `account/keyId/grantId`. */
export const retirable = table<Record<string, never>>('kms.retirable-grant');
/** When imported material expires. */
export const dueExpiries = table<Record<string, never>>('kms.due-expiry');
