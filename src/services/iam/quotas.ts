/** IAM's quotas: AWS's defaults, each replaceable by configuration. */

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const defaultQuotas = {
  users: 5000,
  groups: 300,
  roles: 1000,
  policies: 1500,
  instanceProfiles: 1000,
  serverCertificates: 20,
  groupsPerUser: 10,
  accessKeysPerUser: 2,
  /** Of a user, and of the root user. */
  mfaDevicesPerUser: 8,
  tags: 50,
  policiesPerUser: 20,
  policiesPerGroup: 10,
  policiesPerRole: 25,
  versionsPerPolicy: 5,
  /** Characters without whitespace, as all sizes below. */
  managedPolicySize: 6144,
  /** Sum over all inline policies of the entity. */
  userInlineSize: 2048,
  groupInlineSize: 5120,
  roleInlineSize: 10240,
  trustPolicySize: 8192,
};

export type Quotas = Readonly<typeof defaultQuotas>;
