/** Metrics as the API names them. */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { MetricName } from './state.ts';

export function metricName(namespace: string, name: string, dimensions: readonly Dimension[] | undefined): MetricName {
  const pairs = (dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''] as const);
  return { namespace, name, dimensions: [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** In the order of these names, where one is given. */
export function shownDimensions({ dimensions }: MetricName, order: readonly string[] = []): Dimension[] {
  const place = ([name]: readonly [string, string]) => order.indexOf(name);
  return [...dimensions].sort((a, b) => place(a) - place(b)).map(([Name, Value]) => ({ Name, Value }));
}
