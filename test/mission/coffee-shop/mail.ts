/** Reads the mail that an instance left in its data folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The code in the newest message to an address: six capital letters or digits on their own. */
export async function newestCode(dataDir: string, to: string): Promise<string> {
  const dir = join(dataDir, 'mail');
  for (const name of (await readdir(dir)).sort().reverse()) {
    const text = await readFile(join(dir, name), 'utf8');
    const code = text
      .split('\n\n')
      .slice(1)
      .join('\n')
      .match(/\b[A-Z0-9]{6}\b/)?.[0];
    if (text.startsWith(`To: ${to}\n`) && code) return code;
  }
  throw new Error(`No mail with a code for ${to}.`);
}
