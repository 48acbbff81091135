/** What becomes of an order with the public authority: a certificate, another try later, or the end of it. */
import { createPrivateKey } from 'node:crypto';
import { type Change, ConflictError } from '../../store/store.ts';
import { checkChain, namesOf, readCertificates } from './certificate-content.ts';
import { forget, putIssued } from './issuing.ts';
import type { AcmPorts, AuthorityProblem, Issued, PublicAuthority } from './ports.ts';
import {
  type CertificateRow,
  certificates,
  type FailureReason,
  namedBy,
  type OrderRow,
  orders,
  regional,
} from './state.ts';

export interface OrderWork {
  readonly ports: Pick<AcmPorts, 'store' | 'cname'>;
  readonly authority: PublicAuthority;
  /** Epoch milliseconds. */
  readonly now: number;
  /** 0 up to but not including 1, random. */
  readonly fraction: () => number;
  /** The authority wants no new orders for so long. */
  readonly leaveAlone: (milliseconds: number) => void;
  /** An order of the account is about to be opened. */
  readonly opens: (account: string) => void;
  /** What the operator should know. */
  readonly tell: (what: string) => void;
}

/** What trying again does not heal. */
const finalReasons: Readonly<Record<string, FailureReason>> = {
  caa: 'CAA_ERROR',
  rejectedIdentifier: 'DOMAIN_NOT_ALLOWED',
  unsupportedIdentifier: 'INVALID_PUBLIC_DOMAIN',
  badCSR: 'OTHER',
  badPublicKey: 'OTHER',
};

/** The authority has asked, and was not convinced. */
const refusals: ReadonlySet<string> = new Set(['unauthorized', 'dns', 'connection', 'incorrectResponse', 'tls']);

const minuteMs = 60_000;
const longestWaitMs = 6 * 60 * minuteMs;
/** The limit may be of one name alone: its order waits as long as it must, others try again after this. */
const longestQuietMs = 15 * minuteMs;
/** An order that is not done by then is begun anew. */
export const orderPatienceMs = 30 * minuteMs;
/** Until an open order is asked about again. */
const shortWaitMs = minuteMs / 2;

/**
 * Public authorities count what they refuse by the hour: waits double from five minutes on, from one where nothing was
 * answered, up to six hours, and are drawn out by up to half, so that orders that failed together come apart.
 */
export function backoffMs(failures: number, isRefused: boolean, fraction: number): number {
  const first = isRefused ? 5 * minuteMs : minuteMs;
  return Math.min(first * 2 ** Math.min(failures, 20), longestWaitMs) * (1 + fraction / 2);
}

/** @param also what is true of the certificate from now on */
export async function postpone(
  work: OrderWork,
  path: string,
  next: OrderRow,
  also?: Partial<CertificateRow>,
): Promise<void> {
  await settle(work, path, (change, row) => {
    change.put(orders, '', path, next);
    if (also) change.put(certificates, regional(row), row.id, { ...row, ...also });
  });
}

export async function setBack(work: OrderWork, path: string, order: OrderRow, problem: AuthorityProblem) {
  const { now, fraction, leaveAlone, tell } = work;
  const { type, retryAfterMs = 0 } = problem;
  tell(`no certificate for ${order.names.join(', ')}: ${problem.message}`);
  const reason = Object.hasOwn(finalReasons, type) ? finalReasons[type] : undefined;
  if (reason) {
    await giveUp(work, path, reason);
    return;
  }
  if (type === 'rateLimited') leaveAlone(Math.min(Math.max(retryAfterMs, minuteMs), longestQuietMs));
  const { open, isUnanswered: _before, ...rest } = order;
  const isRefused = refusals.has(type);
  const shortly = now + Math.max(retryAfterMs, shortWaitMs);
  if (open && type === 'silent' && shortly < open.openedAt + orderPatienceMs) {
    await postpone(work, path, { ...order, nextAt: shortly, isUnanswered: true });
    return;
  }
  const nextAt = now + Math.max(retryAfterMs, backoffMs(order.failures, isRefused, fraction()));
  const next: OrderRow = { ...rest, nextAt, failures: order.failures + 1, ...(!isRefused && { isUnanswered: true }) };
  await settle(work, path, (change, row) => {
    change.put(orders, '', path, next);
    // "ACM could not validate the domain": it is for the requester to see to.
    if (isRefused && row.status === 'ISSUED' && row.renewal?.status === 'PENDING_AUTO_RENEWAL') {
      const renewal = { status: 'PENDING_VALIDATION', at: now } as const;
      change.put(certificates, regional(row), row.id, { ...row, renewal });
    }
  });
}

/** @param reason undefined where there is nobody left to be told */
export async function giveUp(work: OrderWork, path: string, reason: FailureReason | undefined): Promise<void> {
  await settle(work, path, (change, row) => {
    change.delete(orders, '', path);
    if (reason === undefined) return;
    if (row.status === 'ISSUED') {
      const renewal = { status: 'FAILED', reason, at: work.now } as const;
      change.put(certificates, regional(row), row.id, { ...row, renewal });
      return;
    }
    forget(change, row);
    const proofs = row.proofs.map((proof) => ({ ...proof, status: 'FAILED' as const }));
    const failed = { ...row, proofs, status: 'FAILED', failureReason: reason } as const;
    change.put(certificates, regional(row), row.id, failed);
  });
}

interface Ordered {
  /** PEM, leaf first. */
  readonly pem: string;
  readonly privateKey: string;
  readonly names: readonly string[];
}

export async function issue(work: OrderWork, path: string, ordered: Ordered): Promise<void> {
  const { now } = work;
  const made = readOrdered(ordered, now);
  await settle(work, path, (change, row) => {
    if (row.status !== 'ISSUED') putIssued(change, row, made, now);
    else putIssued(change, { ...row, renewal: { status: 'SUCCESS', at: now } }, made, now);
  });
}

/** Only what was ordered is taken. @throws AuthorityProblem */
function readOrdered({ pem, privateKey, names }: Ordered, now: number): Issued {
  try {
    const [leaf, ...issuers] = readCertificates(pem, 'certificate');
    if (!leaf?.checkPrivateKey(createPrivateKey(privateKey))) throw new Error('it is for another key');
    if (namesOf(leaf).toSorted().join() !== [...names].sort().join()) throw new Error('it is for other names');
    if (Date.parse(leaf.validTo) <= now) throw new Error('it is over');
    checkChain(leaf, issuers);
    const [body = '', ...chain] = [leaf, ...issuers].map((one) => one.toString().trim());
    return { body, privateKey, ...(chain.length > 0 && { chain: chain.join('\n') }) };
  } catch (error) {
    const message = `the certificate is not what was ordered: ${(error as Error).message}`;
    throw Object.assign(new Error(message), { type: 'serverInternal', retryAfterMs: undefined });
  }
}

const tries = 3;

/** Writes only where the order is still there: whoever deletes a certificate takes its order away. */
async function settle({ ports }: OrderWork, path: string, write: (change: Change, row: CertificateRow) => void) {
  const named = namedBy(path);
  for (let left = tries; ; left -= 1) {
    const change = ports.store.begin();
    const order = await change.get(orders, '', path);
    const row = await change.get(certificates, regional(named), named.id);
    if (!order) return;
    if (row) write(change, row);
    else change.delete(orders, '', path);
    try {
      await ports.store.commit(change);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || left === 1) throw error;
    }
  }
}
