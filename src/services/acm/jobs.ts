/** What Certificate Manager does by the clock: issues what has been proven, gives up what has not, renews what is used. */
import type { Job } from '../service.ts';
import { forget, issueInto, renewalAt } from './issuing.ts';
import type { AcmPorts } from './ports.ts';
import { lookUp, patienceMs } from './proofs.ts';
import { isRenewable } from './shapes.ts';
import { certificateArn, certificates, dueId, dueRenewals, namedBy, pending, regional } from './state.ts';

/** Most certificates in one round: the rest follows in the next. */
const most = 50;
const dayMs = 86_400_000;

export function validationJob(ports: AcmPorts): Job {
  return {
    name: 'acm validation',
    everySeconds: 5,
    async run({ now }) {
      for (const { id } of await ports.store.list(pending, '', { limit: most })) await advance(ports, id, now);
    },
  };
}

/** One request: every step that can be made now. Conflicts and a silent authority leave it for the next round. */
async function advance(ports: AcmPorts, path: string, now: number): Promise<void> {
  const change = ports.store.begin();
  const named = namedBy(path);
  const row = await change.get(certificates, regional(named), named.id);
  if (row?.status !== 'PENDING_VALIDATION') {
    change.delete(pending, '', path);
    return ports.store.commit(change);
  }
  const proofs = await lookUp(row, ports);
  const isProven = proofs.every(({ status }) => status === 'SUCCESS');
  if (isProven) await issueInto(change, { ...row, proofs }, ports, now);
  else if (row.createdAt + patienceMs <= now) {
    forget(change, row);
    change.put(certificates, regional(row), row.id, { ...row, proofs, status: 'VALIDATION_TIMED_OUT' });
  } else if (proofs.some(({ status }, place) => status !== row.proofs[place]?.status)) {
    change.put(certificates, regional(row), row.id, { ...row, proofs });
  } else return;
  await ports.store.commit(change);
}

export function renewalJob(ports: AcmPorts): Job {
  return {
    name: 'acm renewal',
    everySeconds: 60,
    async run({ now }) {
      for (const { id } of await ports.store.list(dueRenewals, '', { limit: most })) {
        if (Number(id.slice(0, id.indexOf('/'))) > now) return;
        await renewDue(ports, id, now);
      }
    },
  };
}

/** What nobody uses is looked at again a day later, until its time is over. */
async function renewDue(ports: AcmPorts, due: string, now: number): Promise<void> {
  const change = ports.store.begin();
  const named = namedBy(due);
  const row = await change.get(certificates, regional(named), named.id);
  change.delete(dueRenewals, '', due);
  // A certificate that was renewed meanwhile has a later entry of its own.
  if (row?.content && row.status === 'ISSUED' && renewalAt(row) <= now && row.content.notAfter > now) {
    const users = await ports.users(change, certificateArn(row));
    if (isRenewable(row, users))
      await issueInto(change, { ...row, renewal: { status: 'SUCCESS', at: now } }, ports, now);
    else change.put(dueRenewals, '', dueId(now + dayMs, row), {});
  }
  await ports.store.commit(change);
}
