/** Lists as CloudFront has them: the number of items beside the items. */
import { inconsistent } from '../errors.ts';

interface Listed<T> {
  Quantity: number | undefined;
  Items?: T[] | undefined;
}

/** @throws AwsError InconsistentQuantities */
export function itemsOf<T>(list: Listed<T> | undefined): readonly T[] {
  const items = list?.Items ?? [];
  if (list && (list.Quantity ?? 0) !== items.length) throw inconsistent();
  return items;
}

/** Without items where there are none. */
export function listOf<T>(items: readonly T[]): { Quantity: number; Items?: T[] } {
  return items.length === 0 ? { Quantity: 0 } : { Quantity: items.length, Items: [...items] };
}
