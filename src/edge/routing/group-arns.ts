/** Which target groups a listener may send requests to. */
import type { ListenerSettings } from '../snapshot.ts';

export function groupArnsOf(listener: ListenerSettings): string[] {
  const actions = [...listener.defaultActions, ...listener.rules.flatMap((rule) => rule.actions)];
  return actions.flatMap(({ TargetGroupArn, ForwardConfig }) =>
    [TargetGroupArn, ...(ForwardConfig?.TargetGroups ?? []).map((one) => one.TargetGroupArn)].flatMap(
      (arn) => arn ?? [],
    ),
  );
}
