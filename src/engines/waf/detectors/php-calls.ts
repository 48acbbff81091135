/** Calls of PHP's functions: by their names, whatever stands between name and bracket, and by names in quotes or brackets. */
import { isPhpFunction } from './php-functions.ts';

/** Functions that are words of English or of other languages: their name and a bracket alone say nothing. */
const words = new Set(
  `assert chgrp chmod chown chr ord copy define die exit dir echo print printf eval exec extract file glob include include_once require
require_once link mail mkdir rmdir pack unpack popen rename sleep stat symlink system touch umask unlink virtual constant dl chroot syslog
expect fork key current each reset list array serialize levenshtein metaphone soundex implode rand range compact unset isset
getdate phpinfo passthru header fflush split delete getopt hash log time date read join next trim ereg eregi setlocale`.split(
    /\s+/,
  ),
);

/** Of these the ones that run something or change files: a value that is one call of them is no word. */
const strong = new Set(
  'assert chgrp chmod chown chr eval exec popen mkdir rmdir unpack symlink system umask unlink chroot include_once require_once passthru'.split(
    ' ',
  ),
);

const mostCalls = 2000;

/** Functions with a bracket behind, blanks and comments between them passed over. */
export function calledFunction(text: string): string | undefined {
  let count = 0;
  for (let index = text.indexOf('('); index > 0 && count < mostCalls; index = text.indexOf('(', index + 1)) {
    count++;
    let end = index;
    while (end > 0 && /[\s\\]/.test(text[end - 1]!) && index - end < 12) end--;
    if (text[end - 1] === '/' && text[end - 2] === '*') {
      const start = text.lastIndexOf('/*', end - 2);
      if (start >= 0 && end - start < 64) end = start;
      while (end > 0 && text[end - 1] === ' ' && index - end < 80) end--;
    }
    let start = end;
    while (start > 0 && end - start < 48 && /\w/.test(text[start - 1]!)) start--;
    if (end - start < 4 || /[.$>-]/.test(text[start - 1] ?? '')) continue;
    const name = text.slice(start, end).toLowerCase();
    if (isPhpFunction(name)) return name;
    // Letters put in front, which what strips them takes away again.
    for (let cut = 1; cut <= 6 && name.length - cut >= 9; cut++) {
      if (isPhpFunction(name.slice(cut))) return name.slice(cut);
    }
    const shout = /^[A-Z]{1,6}(?=[a-z])/.exec(text.slice(start, end))?.[0].length ?? 0;
    if (shout > 0 && isPhpFunction(name.slice(shout))) return name.slice(shout);
  }
  return wholeCall(text) ?? (text.length < longestFolded ? wrappedCall(text) : undefined);
}

const comments = /\/\*[^*]{0,200}\*\/|(?:\/\/|#)[^\n]{0,200}(?:\n|$)/g;

/** The whole value is one call of a function that is also a word. `file (2)` and `link(s)` are names of other things. */
function wholeCall(text: string): string | undefined {
  const call = /^\s{0,8}[@\\]?(\w{2,14})(?=[\s/#(])/.exec(text);
  if (call === null) return undefined;
  const name = call[1]!.toLowerCase();
  if (!words.has(name)) return undefined;
  const rest = text.slice(call[0].length, call[0].length + 400).replace(comments, '\0');
  const found = /^([\s\0]*)\([^\n]{0,200}\)\s{0,4};?\s{0,4}$/.exec(rest);
  if (found === null) return undefined;
  const between = found[1]!;
  const isOdd = between.length > 1 || (between !== '' && between !== ' ');
  return isOdd || (between === '' && strong.has(name)) ? name : undefined;
}

const longestFolded = 4096;

/** `"sys"."tem"(x)`, `[system][0](x)`, `{(system)}('x')`: a name wrapped so that it does not look like one. */
function wrappedCall(text: string): string | undefined {
  if (!/["'\])}][\s\S]{0,80}\(/.test(text)) return undefined;
  const folded = text
    .replace(comments, '')
    .replace(/\s+/g, '')
    .replace(/(["'])\.(["'])/g, '')
    .replace(/\{0?\}/g, '');
  for (const match of folded.matchAll(/["'[({]{1,6}([a-z_]\w{1,30})["'\])}]{1,6}(?:[[{]0[\]}][\])}]{0,4})?\(/gi)) {
    const name = match[1]!.toLowerCase();
    if (strong.has(name) || isPhpFunction(name)) return name;
  }
  return undefined;
}
