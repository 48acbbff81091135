/** Patterns that hang other engines. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('WAF trap 8: 200 evil patterns over 64 KB: no pattern holds a request for 50 ms, or the event loop for 20', () => {
  const program = fileURLToPath(new URL('./evil-patterns.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 55_000 });
  const { tried, slow } = JSON.parse(printed) as { tried: number; slow: object[] };
  expect(slow).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(200);
}, 60_000);
