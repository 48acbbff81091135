/** The credential report's text: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */
import type { Reader } from '../../store/store.ts';
import { entityArn, rootArn } from './arns.ts';
import { accountRow } from './entities.ts';
import type { IamPorts } from './ports.ts';
import { accessKeys, type PasswordPolicyRow, users } from './state.ts';

const columns = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  'access_key_1_active',
  'access_key_1_last_rotated',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_active',
  'access_key_2_last_rotated',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];

/** Signing certificates are not built: their columns say that there are none. */
const certificates = ['false', 'N/A', 'false', 'N/A'];

export async function credentialReport(
  reader: Reader,
  account: string,
  ports: Pick<IamPorts, 'lastUse'>,
): Promise<string> {
  const settings = await accountRow(reader, account);
  const { root, passwordPolicy } = settings;
  const lines = [
    columns,
    [
      '<root_account>',
      rootArn(account),
      time(settings.createdAt),
      // AWS does not tell of root's password beyond its last use.
      'not_supported',
      root.passwordLastUsedAt === undefined ? 'no_information' : time(root.passwordLastUsedAt),
      'not_supported',
      'not_supported',
      String((root.mfaDeviceKeys?.length ?? 0) > 0),
      ...(await keyColumns(reader, root.accessKeyIds, ports)),
      ...certificates,
    ],
  ];
  for (const { value: user } of await reader.list(users, account)) {
    const { login } = user;
    lines.push([
      user.name,
      entityArn('user', account, user.path, user.name),
      time(user.createdAt),
      String(login !== undefined),
      !login ? 'N/A' : user.passwordLastUsedAt === undefined ? 'no_information' : time(user.passwordLastUsedAt),
      login ? time(login.changedAt) : 'N/A',
      login ? nextRotation(login.changedAt, passwordPolicy) : 'N/A',
      String((user.mfaDeviceKeys?.length ?? 0) > 0),
      ...(await keyColumns(reader, user.accessKeyIds, ports)),
      ...certificates,
    ]);
  }
  return `${lines.map((line) => line.map(quoted).join(',')).join('\n')}\n`;
}

async function keyColumns(reader: Reader, ids: readonly string[], ports: Pick<IamPorts, 'lastUse'>): Promise<string[]> {
  const found: string[] = [];
  for (const id of [ids[0], ids[1]]) {
    const key = id === undefined ? undefined : await reader.get(accessKeys, '', id);
    const use = key && id !== undefined ? await ports.lastUse(id) : undefined;
    found.push(
      String(key?.status === 'Active'),
      key ? time(key.createdAt) : 'N/A',
      ...(use ? [time(use.at), use.region, use.service] : ['N/A', 'N/A', 'N/A']),
    );
  }
  return found;
}

function nextRotation(changedAt: number, policy: PasswordPolicyRow | undefined): string {
  return policy?.maxAge ? time(changedAt + policy.maxAge * 86_400_000) : 'N/A';
}

/** `2026-11-01T00:00:00+00:00` */
function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}+00:00`;
}

/** Names may hold commas. */
function quoted(value: string): string {
  return value.includes(',') ? `"${value}"` : value;
}
