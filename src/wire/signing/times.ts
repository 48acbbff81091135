/** The two ways in which signed requests write their time. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let lastText = '';
let lastTime: number | undefined;

/** Epoch milliseconds of `20150830T123600Z`; undefined for anything else, impossible dates included. */
export function parseAmzDate(text: string): number | undefined {
  // Requests of one second say the same.
  if (text !== lastText) {
    lastTime = readAmzDate(text);
    lastText = text;
  }
  return lastTime;
}

function readAmzDate(text: string): number | undefined {
  if (text.length !== 16 || text[8] !== 'T' || text[15] !== 'Z') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 6);
  const day = digits(text, 6, 8);
  const hour = digits(text, 9, 11);
  const minute = digits(text, 11, 13);
  const second = digits(text, 13, 15);
  return instant(year, month, day, hour, minute, second);
}

/** Epoch milliseconds of a `Date` header (`Sun, 30 Aug 2015 12:36:00 GMT`) or of the form above. */
export function parseDateHeader(text: string): number | undefined {
  if (text.length !== 29 || text.slice(25) !== ' GMT' || text[3] !== ',' || text[4] !== ' ') return parseAmzDate(text);
  if (text[7] !== ' ' || text[11] !== ' ' || text[16] !== ' ' || text[19] !== ':' || text[22] !== ':') return undefined;
  const month = months.indexOf(text.slice(8, 11)) + 1;
  return instant(
    digits(text, 12, 16),
    month,
    digits(text, 5, 7),
    digits(text, 17, 19),
    digits(text, 20, 22),
    digits(text, 23, 25),
  );
}

/** `20150830T123600Z` */
export function formatAmzDate(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** A number of exactly these digits, NaN if there is anything else. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function instant(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  if (!(month >= 1 && month <= 12 && hour <= 23 && minute <= 59 && second <= 59 && year >= 1970)) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return new Date(time).getUTCDate() === day ? time : undefined;
}
