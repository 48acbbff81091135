/** The steps of an order with the public authority: opened, answers placed, asked, the key made, finished, read. */
import { giveUp, issue, type OrderWork, orderPatienceMs, postpone, setBack } from './order-outcomes.ts';
import type { AuthorityProblem, Authorization, OrderState, Way } from './ports.ts';
import { isStillProven } from './proofs.ts';
import { type CertificateRow, type ChallengeRow, certificates, namedBy, type OrderRow, regional } from './state.ts';

export type { OrderWork } from './order-outcomes.ts';

/** Until the authority is told, answers reach every node; and it takes its time to ask. */
const pauseMs = 2_000;
const longestPauseMs = 60_000;
/** Until the requester has put the record back, or a listener where the authority may ask. */
const idleMs = 5 * 60_000;

/** Rejects with what is no fault of the authority: the next round tries the step again. */
export async function takeStep(work: OrderWork, path: string, order: OrderRow): Promise<void> {
  const named = namedBy(path);
  const row = await work.ports.store.get(certificates, regional(named), named.id);
  const isOver = row?.status === 'ISSUED' && (row.content?.notAfter ?? 0) <= work.now;
  if (!row || isOver || (row.status !== 'PENDING_VALIDATION' && row.status !== 'ISSUED')) {
    await giveUp(work, path, isOver ? 'OTHER' : undefined);
    return;
  }
  try {
    await (order.open ? goOn(work, path, order, order.open) : begin(work, path, order, row));
  } catch (error) {
    if (!isProblem(error)) throw error;
    await setBack(work, path, order, error);
  }
}

async function begin(work: OrderWork, path: string, order: OrderRow, row: CertificateRow): Promise<void> {
  const { ports, authority, now } = work;
  const chosen = (await isStillProven(row, ports)) ? await waysOf(work, row, order.failures) : undefined;
  if (!chosen) {
    await postpone(work, path, { ...order, nextAt: now + idleMs });
    return;
  }
  work.opens(row.account);
  const { url, finish, authorizations } = await authority.open(order.names);
  const asked = authorizations.filter(({ isValid }) => !isValid);
  const challenges = asked.map((one) => challengeOf(one, chosen.get(one.domain) ?? []));
  const step = challenges.length > 0 ? 'placed' : 'asked';
  const open = { url, finish, openedAt: now, step, challenges } as const;
  await postpone(work, path, { ...order, open, nextAt: step === 'placed' ? now + pauseMs : now });
}

/** For every name; each failure begins with another way. Undefined where there is none for one of them. */
async function waysOf(
  { ports, authority }: OrderWork,
  row: CertificateRow,
  failures: number,
): Promise<ReadonlyMap<string, readonly Way[]> | undefined> {
  const found = new Map<string, readonly Way[]>();
  for (const name of row.names) {
    const ways = await authority.waysFor(ports.store, row.account, name);
    if (ways.length === 0) return undefined;
    const first = failures % ways.length;
    found.set(name, [...ways.slice(first), ...ways.slice(0, first)]);
  }
  return found;
}

function challengeOf({ domain, challenges }: Authorization, ways: readonly Way[]): ChallengeRow {
  for (const way of ways) {
    const challenge = challenges.find((one) => one.way === way);
    if (challenge) return { domain, ...challenge };
  }
  const message = `it asks for ${domain} in no way that can be answered here`;
  throw Object.assign(new Error(message), { type: 'unauthorized', retryAfterMs: undefined });
}

async function goOn(
  work: OrderWork,
  path: string,
  order: OrderRow,
  open: NonNullable<OrderRow['open']>,
): Promise<void> {
  const { authority, now } = work;
  if (open.step === 'placed') {
    await authority.placed();
    for (const { url } of open.challenges) await tell(authority, url);
    await postpone(work, path, { ...order, open: { ...open, step: 'asked' }, nextAt: now + pauseMs });
    return;
  }
  const state = await authority.look(open.url);
  if (state.status === 'invalid') throw state.problem ?? unexplained();
  const privateKey = open.privateKey;
  if (privateKey === undefined) await prepare(work, path, order, open, state);
  else if (open.step === 'prepared') {
    // The request may have been sent, and the answer lost.
    if (state.status === 'ready') await authority.finish(open.finish, privateKey, order.names);
    await postpone(work, path, { ...order, open: { ...open, step: 'finishing' }, nextAt: now });
  } else if (state.status === 'valid' && state.certificate !== undefined) {
    await issue(work, path, { pem: await authority.read(state.certificate), privateKey, names: order.names });
  } else await wait(work, path, order, state);
}

/** The authority is convinced: what it may still ask is not answered any more. */
async function prepare(
  work: OrderWork,
  path: string,
  order: OrderRow,
  open: NonNullable<OrderRow['open']>,
  state: OrderState,
): Promise<void> {
  if (state.status === 'pending') {
    await wait(work, path, order, state);
    return;
  }
  // Finished with a key that nobody has kept.
  if (state.status !== 'ready') throw unexplained();
  const named = namedBy(path);
  const row = await work.ports.store.get(certificates, regional(named), named.id);
  if (!row) return;
  const privateKey = await work.authority.makeKey(row.keyAlgorithm);
  const prepared = { ...open, step: 'prepared', challenges: [], privateKey } as const;
  await postpone(work, path, { ...order, open: prepared, nextAt: work.now }, { isAccepted: true });
}

/** The authority may have been told before, and the answer lost: what it found shows in the order. */
async function tell(authority: OrderWork['authority'], url: string): Promise<void> {
  try {
    await authority.beAsked(url);
  } catch (error) {
    if (!isProblem(error) || error.type !== 'malformed') throw error;
  }
}

const unexplained = () =>
  Object.assign(new Error('the order came to nothing'), { type: 'serverInternal', retryAfterMs: undefined });

/** The authority is not done: it is looked at again, until the order is too old. */
async function wait(work: OrderWork, path: string, order: OrderRow, { retryAfterMs = 0 }: OrderState): Promise<void> {
  if (work.now - (order.open?.openedAt ?? 0) >= orderPatienceMs) throw unexplained();
  const nextAt = work.now + Math.min(Math.max(retryAfterMs, pauseMs), longestPauseMs);
  await postpone(work, path, { ...order, nextAt });
}

function isProblem(error: unknown): error is AuthorityProblem {
  return error instanceof Error && 'type' in error && 'retryAfterMs' in error;
}
