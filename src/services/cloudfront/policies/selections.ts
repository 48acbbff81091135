/** Choices of cookies and query strings as the API shows them: none, all, or those that are named. */

export type Selected = 'none' | 'all' | readonly string[];

interface Named {
  Quantity: number;
  Items: string[];
}

export const names = (all: readonly string[]): Named => ({ Quantity: all.length, Items: [...all] });

export function shownSelection<B extends string, N extends string>(
  behavior: B,
  list: N,
  selected: Selected,
): Record<B, 'none' | 'all' | 'whitelist'> & Partial<Record<N, Named>> {
  const isNamed = typeof selected !== 'string';
  return {
    [behavior]: isNamed ? 'whitelist' : selected,
    ...(isNamed && { [list]: names(selected) }),
  } as Record<B, 'none' | 'all' | 'whitelist'> & Partial<Record<N, Named>>;
}
