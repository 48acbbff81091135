/** Metrics as the API names them. */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { MetricName } from './state.ts';

export function metricName(namespace: string, name: string, dimensions: readonly Dimension[] | undefined): MetricName {
  const pairs = (dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''] as const);
  return { namespace, name, dimensions: [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

export const shownDimensions = ({ dimensions }: MetricName): Dimension[] =>
  dimensions.map(([Name, Value]) => ({ Name, Value }));
