/** `bailey backup` and `bailey restore`. */
import { resolve } from 'node:path';
import { backupDataFolder, restoreDataFolder } from '../main.ts';
import { ask, NotRunning } from './operator.ts';

/** Through the running instance if there is one; otherwise from the folder itself. */
export async function backup(target: string, options: { data: string }): Promise<number> {
  const to = resolve(target);
  try {
    await ask(options.data, '/backup', { target: to });
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    await backupDataFolder(resolve(options.data), to);
  }
  console.log(`backup written to ${to}`);
  return 0;
}

export async function restore(source: string, options: { data: string }): Promise<number> {
  await restoreDataFolder(resolve(source), resolve(options.data));
  console.log(`restored ${resolve(options.data)} from ${resolve(source)}`);
  return 0;
}
