/** NORMALIZE_PATH and NORMALIZE_PATH_WIN: no double slashes, no `.`, no `..` but at the beginning. */

export function normalizePath(text: string): string {
  if (!text.includes('/') && text !== '.' && text !== '..') return text;
  const isAbsolute = text.startsWith('/');
  const endsOpen = text.endsWith('/') || text.endsWith('/.') || text.endsWith('/..');
  const kept: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute) kept.push(part);
  }
  const path = (isAbsolute ? '/' : '') + kept.join('/');
  return endsOpen && kept.length > 0 && kept.at(-1) !== '..' ? `${path}/` : path;
}

export const normalizePathWin = (text: string): string => normalizePath(text.replaceAll('\\', '/'));
