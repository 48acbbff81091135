import { expect, test } from 'vitest';
import { covers } from './acm-ports.ts';

test.each([
  ['api.example.com', 'api.example.com', true],
  ['x.api.example.com', 'api.example.com', true],
  ['*.example.com', 'api.example.com', true],
  ['*.example.com', 'deep.api.example.com', false],
  ['example.com', 'api.example.com', false],
  ['notapi.example.com', 'api.example.com', false],
])('a certificate for %s is good for what belongs to %s: %s', (name, own, expected) => {
  expect(covers(name, own)).toBe(expected);
});
