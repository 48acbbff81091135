/** `bailey backup` and `bailey restore`. */
import { resolve } from 'node:path';
import { backupDataFolder, restoreDataFolder } from '../main.ts';

/** Works beside a running instance: the copy is consistent either way. */
export async function backup(
  target: string,
  options: { data: string; rootKey?: string; secrets: boolean },
): Promise<number> {
  const to = resolve(target);
  await backupDataFolder(resolve(options.data), to, {
    ...(options.rootKey ? { rootKeyFile: resolve(options.rootKey) } : {}),
    withoutSecrets: !options.secrets,
  });
  console.log(`backup written to ${to}`);
  console.log(
    options.secrets
      ? `It holds the root key (${to}/secrets): whoever has both can read everything. Move that folder to another place.`
      : 'It does not hold the root key: without it the backup cannot be read.',
  );
  return 0;
}

export async function restore(source: string, options: { data: string; rootKey?: string }): Promise<number> {
  const data = resolve(options.data);
  await restoreDataFolder(resolve(source), data, options.rootKey ? { rootKeyFile: resolve(options.rootKey) } : {});
  console.log(`restored ${data} from ${resolve(source)}`);
  return 0;
}
