/** Times in every format that clients send, and none that are not times. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDateTime, formatTimestamp, parseTimestamp } from './timestamp.ts';

it('reads and writes the same time in every format', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(formatDateTime(date, true)).toBe(date.toISOString());
      expect(parseTimestamp(formatTimestamp(date, 'date-time'), 'date-time')).toEqual(date);
      expect(parseTimestamp(formatTimestamp(date, 'epoch-seconds'), 'epoch-seconds')).toEqual(date);
      const second = new Date(Math.floor(date.getTime() / 1000) * 1000);
      expect(parseTimestamp(formatTimestamp(date, 'http-date'), 'http-date')).toEqual(second);
    }),
  );
});

it('reads offsets, fractions and the older HTTP dates', () => {
  const at = new Date('1994-11-06T08:49:37Z');
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    expect(parseTimestamp(text, 'http-date')).toEqual(at);
  }
  expect(parseTimestamp('1994-11-06T10:19:37+01:30', 'date-time')).toEqual(at);
  expect(parseTimestamp('1994-11-06T08:49:37.25Z', 'date-time')?.getUTCMilliseconds()).toBe(250);
  expect(parseTimestamp('784111777.5', 'epoch-seconds')).toEqual(new Date(784111777500));
});

it.each([
  ['date-time', '2026-02-30T00:00:00Z'],
  ['date-time', '2026-13-01T00:00:00Z'],
  ['date-time', '2026-01-01T24:00:00Z'],
  ['date-time', '2026-01-01'],
  ['date-time', '2026-01-01T00:00:00'],
  ['date-time', ''],
  ['http-date', 'Sun, 31 Feb 1994 08:49:37 GMT'],
  ['http-date', 'Sun, 06 Foo 1994 08:49:37 GMT'],
  ['epoch-seconds', '1e99'],
  ['epoch-seconds', 'NaN'],
  ['epoch-seconds', ''],
  ['epoch-seconds', '99999999999999'],
] as const)('%s: %s is no time', (format, text) => {
  expect(parseTimestamp(text, format)).toBeUndefined();
});
