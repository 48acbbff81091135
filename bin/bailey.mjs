#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say why it cannot run the rest.
const [major, minor] = process.versions.node.split('.').map(Number);
// 24.7 is the first with Argon2, which the vault needs.
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `Bailey needs Node 24.7 or later; this is Node ${process.versions.node}. From a clone, run "npm start" or ` +
      '"npm run -s bailey -- …": they bring Node 24 along. If that is what you ran, the install scripts of npm are ' +
      'switched off: run "npm rebuild node".',
  );
  process.exit(1);
}
const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { existsSync } = await import('node:fs');
const source = new URL('../src/cli/bailey.ts', import.meta.url);
const built = new URL('../src/cli/bailey.js', import.meta.url);
const { run } = await import(existsSync(source) ? source.href : built.href);
process.exitCode = await run(process.argv.slice(2));
