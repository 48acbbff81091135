/** The engine loads nothing of the outside world: it can be used in any program, also in a browser. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Node's modules that the program of one line has loaded. */
function loadedBy(program: string): Set<string> {
  const print = 'console.log(JSON.stringify(process.moduleLoadList))';
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', `${program}; ${print}`], {
    encoding: 'utf8',
  });
  return new Set(JSON.parse(text) as string[]);
}

const index = new URL('./index.ts', import.meta.url).href;
const outside = [
  'NativeModule http',
  'NativeModule net',
  'NativeModule https',
  'NativeModule crypto',
  'NativeModule child_process',
];

test('importing the policy engine loads no http, net or crypto', () => {
  const before = loadedBy('0');
  const loaded = loadedBy(`await import(${JSON.stringify(index)})`);
  const added = [...loaded].filter((name) => !before.has(name));
  expect(added.filter((name) => outside.includes(name) || name.startsWith('NativeModule fs/'))).toEqual([]);
  // The check sees what it looks for.
  expect(loadedBy("await import('node:http')")).toContain('NativeModule http');
});
