/** What Certificate Manager does by the clock: issues what has been proven, gives up what has not, renews what is used. */
import type { Change } from '../../store/store.ts';
import type { Job } from '../service.ts';
import { forget, issueInto, renewalAt } from './issuing.ts';
import { wantOrder } from './orders.ts';
import type { AcmPorts } from './ports.ts';
import { isStillProven, lookUp, patienceMs } from './proofs.ts';
import { isRenewable } from './shapes.ts';
import {
  type CertificateRow,
  certificateArn,
  certificates,
  dueId,
  dueRenewals,
  namedBy,
  orders,
  pending,
  regional,
} from './state.ts';

/** Most certificates in one round: the rest follows in the next. */
const most = 50;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** In turns, so that many requests which prove nothing keep none waiting that do. */
export function validationJob(ports: AcmPorts): Job {
  let last: string | undefined;
  return {
    name: 'acm validation',
    everySeconds: 5,
    async run({ now }) {
      const rows = await ports.store.list(pending, '', { limit: most, ...(last !== undefined && { after: last }) });
      last = rows.length === most ? rows.at(-1)?.id : undefined;
      await each(rows, ({ id }) => advance(ports, id, now));
    },
  };
}

/** What fails for one keeps the others from nothing. Throws the first failure. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((error) => void failures.push(error));
  if (failures.length > 0) throw failures[0];
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
  if (isProven && !row.isPublic) await issueInto(change, { ...row, proofs }, ports, now);
  else if (row.createdAt + patienceMs <= now) {
    const order = await change.get(orders, '', path);
    forget(change, row);
    change.put(certificates, regional(row), row.id, {
      ...row,
      proofs,
      ...givenUp(isProven && (!ports.publicAuthority || order?.isUnanswered)),
    });
  } else if (isProven && (await wantOrder(change, row, now))) {
    change.put(certificates, regional(row), row.id, { ...row, proofs });
  } else if (proofs.some(({ status }, place) => status !== row.proofs[place]?.status)) {
    change.put(certificates, regional(row), row.id, { ...row, proofs });
  } else return;
  await ports.store.commit(change);
}

/** Who has proven everything is not told to prove more: then it was the authority that did not answer. */
const givenUp = (isUnanswered: boolean | undefined) =>
  isUnanswered
    ? ({ status: 'FAILED', failureReason: 'OTHER' } as const)
    : ({ status: 'VALIDATION_TIMED_OUT' } as const);

export function renewalJob(ports: AcmPorts): Job {
  return {
    name: 'acm renewal',
    everySeconds: 60,
    async run({ now }) {
      const rows = await ports.store.list(dueRenewals, '', { limit: most });
      const due = rows.filter(({ id }) => Number(id.slice(0, id.indexOf('/'))) <= now);
      await each(due, ({ id }) => renewDue(ports, id, now));
    },
  };
}

/** What nobody uses, or nobody proves any more, is looked at again a day later, until its time is over. */
async function renewDue(ports: AcmPorts, due: string, now: number): Promise<void> {
  const change = ports.store.begin();
  const named = namedBy(due);
  const row = await change.get(certificates, regional(named), named.id);
  change.delete(dueRenewals, '', due);
  // A certificate that was renewed meanwhile has a later entry of its own.
  if (row?.content && row.status === 'ISSUED' && renewalAt(row) <= now && row.content.notAfter > now) {
    const status = await renew(change, row, ports, now);
    if (status !== 'SUCCESS') change.put(dueRenewals, '', dueId(now + (status === 'FAILED' ? hourMs : dayMs), row), {});
    if (status !== 'SUCCESS' && status !== 'NOT_USED') {
      change.put(certificates, regional(row), row.id, { ...row, renewal: { status, at: now } });
    }
  }
  await ports.store.commit(change);
}

async function renew(change: Change, row: CertificateRow, ports: AcmPorts, now: number) {
  if (!isRenewable(row, await ports.users(change, certificateArn(row)))) return 'NOT_USED';
  if (!(await isStillProven(row, ports))) return 'PENDING_VALIDATION';
  if (row.isPublic) {
    await wantOrder(change, row, now);
    return 'PENDING_AUTO_RENEWAL';
  }
  try {
    await issueInto(change, { ...row, renewal: { status: 'SUCCESS', at: now } }, ports, now);
    return 'SUCCESS';
  } catch {
    // The authority cannot sign now: a sealed vault, mostly.
    return 'FAILED';
  }
}
