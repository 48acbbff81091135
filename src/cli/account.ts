/** `bailey account create`: a standalone account with its root user. */
import { ask } from './operator.ts';

interface Created {
  readonly accountId: string;
  readonly rootCredentialsFile: string;
}

export async function createAccount(options: { name: string; email: string; data: string }): Promise<number> {
  const created = await ask<Created>(options.data, '/accounts', { name: options.name, email: options.email });
  console.log(`account ${created.accountId}`);
  console.log(`root user's password and access key: ${created.rootCredentialsFile}`);
  return 0;
}
