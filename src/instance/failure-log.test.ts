import { expect, test } from 'vitest';
import { AwsError } from '../services/service.ts';
import { failureLog } from './failure-log.ts';

test('defects are told each time, deliberate answers once a minute with the number of the others', () => {
  let now = 0;
  const lines: string[] = [];
  const failed = failureLog(
    () => now,
    (...words) => lines.push(words.map(String).join(' ')),
  );
  const sealed = new AwsError('KMSInternalException', 'sealed', { status: 500 });
  for (let n = 0; n < 1_000; n += 1) failed(`r${n}`, sealed);
  expect(lines).toEqual(['bailey: request r0 was answered KMSInternalException: sealed']);
  now = 60_000;
  failed('later', sealed);
  expect(lines[1]).toBe(
    'bailey: request later was answered KMSInternalException: sealed, and 999 others since the last of these lines',
  );
  failed('a', new TypeError('defect'));
  failed('b', new TypeError('defect'));
  expect(lines.slice(2)).toEqual([
    'bailey: internal error, request a: TypeError: defect',
    'bailey: internal error, request b: TypeError: defect',
  ]);
});
