#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say why it cannot run the rest.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `Bailey needs Node 24 or later; this is Node ${process.versions.node}. From a clone, run "npm start" or ` +
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
