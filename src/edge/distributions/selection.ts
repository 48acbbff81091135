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

/** What the origin sees: by what answers are told apart, and what it is shown beyond that. */
export function seen<K extends 'queryStrings' | 'cookies' | 'headerNames'>(
  behavior: Readonly<Record<K, Selection>> & { readonly forwarded?: Readonly<Record<K, Selection>> },
  kind: K,
): Selection {
  const [own, more] = [behavior[kind], behavior.forwarded?.[kind]];
  if (more === undefined || more.kind === 'none' || own.kind === 'all') return own;
  if (own.kind === 'none' || more.kind === 'all') return more;
  const [named, other] = own.kind === 'only' ? [own, more] : [more, own];
  // Of two that are named, either's names; of all but some, those that neither leaves out.
  if (named.kind === 'only' && other.kind === 'only') return { kind: 'only', names: [...named.names, ...other.names] };
  const left = other.kind === 'except' ? other.names : [];
  return { kind: 'except', names: left.filter((name) => !selects(named, name)) };
}
