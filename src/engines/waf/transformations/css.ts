/** CSS_DECODE: escapes of CSS 2, of up to six digits, whose last two bytes count; a backslash before anything else goes. */
import { folded, hexDigit } from './hex-digit.ts';

export function cssDecode(text: string): string {
  let at = text.indexOf('\\');
  if (at < 0) return text;
  let done = '';
  let from = 0;
  while (at >= 0) {
    done += text.slice(from, at);
    let end = at + 1;
    while (end < at + 7 && hexDigit(text.charCodeAt(end)) >= 0) end++;
    if (end > at + 1) {
      const value = Number.parseInt(text.slice(at + 1, end), 16);
      done += String.fromCharCode(folded((value >>> 8) & 0xff, value & 0xff));
      // One white space ends an escape.
      if (/^[\t\n\f\r ]/.test(text.charAt(end))) end += 1;
    } else if (text.charAt(end) === '\n') end += 1;
    else if (end < text.length) {
      done += text.charAt(end);
      end += 1;
    }
    from = end;
    at = text.indexOf('\\', from);
  }
  return done + text.slice(from);
}
