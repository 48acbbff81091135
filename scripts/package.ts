/**
 * `npm run package`: writes the published form into dist/package. It is compiled, because Node refuses to strip types
 * inside node_modules; `npm pack ./dist/package` makes the tarball.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const target = `${root}dist/package/`;
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });

// Data that is read by path, beside the code that reads it.
for (const entry of readdirSync(`${root}src`, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith('.ts')) continue;
  const path = `${entry.parentPath.slice(root.length)}/${entry.name}`;
  cpSync(root + path, target + path);
}
for (const path of ['bin', 'LICENSE', 'README.md', 'SECURITY.md', 'docs/config.schema.json']) {
  cpSync(root + path, target + path, { recursive: true });
}

const { name, version, description, license, type, engines, bin, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(`${root}package.json`, 'utf8'),
) as Record<string, unknown>;
const entry = (path: string) => ({ types: `./src/${path}.d.ts`, default: `./src/${path}.js` });
const exports = { '.': entry('main'), './policy': entry('engines/policy/index'), './package.json': './package.json' };
const own = { name, version, description, license, type, engines, bin, exports };
const manifest = { ...own, dependencies, optionalDependencies };
writeFileSync(`${target}package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`dist/package: ${name}@${version}`);
