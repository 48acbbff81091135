/** The newest requests of each web ACL, within a fixed number of bytes: for samples, explanations and replays. */
import type { InspectedRequest } from './inspected-request.ts';

interface Kept {
  readonly inspected: InspectedRequest;
  readonly bytes: number;
}

export interface RecentLimits {
  readonly bytes: number;
  readonly perWebAcl: number;
  readonly keepMs: number;
}

export class RecentRequests {
  readonly #limits: RecentLimits;
  /** In the order of their arrival, over all web ACLs. */
  readonly #byId = new Map<string, Kept>();
  readonly #perWebAcl = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  add(inspected: InspectedRequest): void {
    const id = inspected.requestId;
    this.#drop(id);
    const bytes = sizeOf(inspected);
    if (bytes > this.#limits.bytes) return;
    this.#byId.set(id, { inspected, bytes });
    this.#bytes += bytes;
    const ids = this.#perWebAcl.get(inspected.webAclArn) ?? new Set<string>();
    ids.add(id);
    this.#perWebAcl.set(inspected.webAclArn, ids);
    if (ids.size > this.#limits.perWebAcl) for (const oldest of firstOf(ids)) this.#drop(oldest);
    for (const [oldest, { inspected: old }] of this.#byId) {
      if (this.#bytes <= this.#limits.bytes && old.at > inspected.at - this.#limits.keepMs) break;
      this.#drop(oldest);
    }
  }

  find(requestId: string): InspectedRequest | undefined {
    return this.#byId.get(requestId)?.inspected;
  }

  /** Oldest first. Times are epoch milliseconds, both ends included. */
  *of(webAclArn: string, from: number, to: number): Generator<InspectedRequest> {
    for (const id of this.#perWebAcl.get(webAclArn) ?? []) {
      const found = this.#byId.get(id)?.inspected;
      if (found && found.at >= from && found.at <= to) yield found;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#byId.clear();
    this.#perWebAcl.clear();
    this.#bytes = 0;
  }

  #drop(id: string): void {
    const kept = this.#byId.get(id);
    if (!kept) return;
    this.#byId.delete(id);
    this.#bytes -= kept.bytes;
    const ids = this.#perWebAcl.get(kept.inspected.webAclArn);
    ids?.delete(id);
    if (ids?.size === 0) this.#perWebAcl.delete(kept.inspected.webAclArn);
  }
}

function* firstOf(ids: ReadonlySet<string>): Generator<string> {
  for (const id of ids) {
    yield id;
    return;
  }
}

/** About what it takes in memory. */
function sizeOf({ request, verdict }: InspectedRequest): number {
  let size = 1_024 + request.body.length + request.path.length + request.query.length;
  for (const [name, value] of request.headers) size += name.length + value.length + 32;
  for (const label of verdict.labels) size += label.length;
  for (const { matchedData } of verdict.terminatingRuleMatchDetails)
    for (const data of matchedData) size += data.length;
  return size + 256 * (verdict.ruleGroupList.length + verdict.nonTerminatingMatchingRules.length);
}
