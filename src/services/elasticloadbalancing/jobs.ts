/** What Elastic Load Balancing does by the clock: targets whose draining is over are gone. */
import type { Job } from '../service.ts';
import type { ElbPorts } from './ports.ts';
import { dueTargets, targets } from './state.ts';

/** Most targets in one round: the rest follows in the next. */
const most = 200;

export function drainingJob({ store }: Pick<ElbPorts, 'store'>): Job {
  return {
    name: 'elasticloadbalancing draining',
    everySeconds: 5,
    async run({ now }) {
      const due = await store.list(dueTargets, '', { limit: most });
      for (const { id, value } of due) {
        if (Number(id.slice(0, id.indexOf('/'))) > now) return;
        const change = store.begin();
        const row = await change.get(targets, value.partition, value.target);
        change.delete(dueTargets, '', id);
        if (row?.draining && row.draining.until <= now) change.delete(targets, value.partition, value.target);
        await store.commit(change);
      }
    },
  };
}
