// Installs what is missing before start, test and demo. Plain JavaScript: it runs on whatever Node is there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Bailey needs Node 20 or later to install itself; this is Node ${process.versions.node}.`);
  process.exit(1);
}
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');
const stamp = `${root}node_modules/.bailey-lock`;
if (!isInstalled()) {
  console.error('Installing what Bailey needs (npm ci) …');
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
  } catch {
    console.error('npm ci failed; its message is above.');
    process.exit(1);
  }
}
writeFileSync(stamp, lock);

/** By our stamp; where there is none, by npm's own note of an install that is newer than the lock file. */
function isInstalled() {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lock;
  const note = `${root}node_modules/.package-lock.json`;
  return existsSync(note) && statSync(note).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}
