/** Mail to people, as files in the data folder: the operator reads or forwards them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param dataDir undefined: there is nowhere to put mail, and it is dropped; now: epoch milliseconds, for names */
export function fileMailbox(dataDir: string | undefined, now: () => number) {
  let count = 0;
  return {
    /** One file a message, readable by the owner only: it may hold a one-time code. */
    async send(to: string, subject: string, text: string): Promise<void> {
      if (dataDir === undefined) return;
      const dir = join(dataDir, 'mail');
      await mkdir(dir, { recursive: true, mode: 0o700 });
      count += 1;
      const name = `${new Date(now()).toISOString().replaceAll(':', '')}-${count}.txt`;
      const oneLine = (value: string) => value.replaceAll(/[\r\n]+/g, ' ');
      await writeFile(join(dir, name), `To: ${oneLine(to)}\nSubject: ${oneLine(subject)}\n\n${text}\n`, {
        mode: 0o600,
      });
    },
  };
}
