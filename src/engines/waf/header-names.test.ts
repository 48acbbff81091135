/** Whether a name is usual changes nothing but what it costs. */
import { expect, test } from 'vitest';
import { lowerName, usualName } from './header-names.ts';

test.each(['user-agent', 'User-Agent', 'DNT', 'Sec-Ch-Ua', 'X-CSRF-Token', 'content-length'])('%s is usual', (name) => {
  expect(usualName(name)).toEqual({ sent: name, lower: name.toLowerCase() });
  expect(lowerName(name)).toBe(name.toLowerCase());
});

test.each(['USER-AGENT', 'uSer-agent', 'X-Shop', 'constructor', '__proto__', ''])('%j is not', (name) => {
  expect(usualName(name)).toBeUndefined();
  expect(lowerName(name)).toBe(name.toLowerCase());
});
