/** Which query strings, cookies and headers of a request an origin sees, and by which answers are told apart. */
import type { Selection } from '../snapshot.ts';

export function selects(selection: Selection, name: string): boolean {
  switch (selection.kind) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'only':
      return selection.names.includes(name);
    case 'except':
      return !selection.names.includes(name);
  }
}

/** The parameters that are chosen, in the order of their arrival. */
export function selectedQuery(selection: Selection, query: string): string {
  if (query === '' || selection.kind === 'none') return '';
  if (selection.kind === 'all') return query;
  return query
    .split('&', 1000)
    .filter((part) => selects(selection, part.split('=', 1)[0] as string))
    .join('&');
}

export function selectedCookies(selection: Selection, cookie: string): string {
  if (cookie === '' || selection.kind === 'none') return '';
  if (selection.kind === 'all') return cookie;
  return cookie
    .split(';', 300)
    .map((part) => part.trim())
    .filter((part) => selects(selection, part.split('=', 1)[0] as string))
    .join('; ');
}
