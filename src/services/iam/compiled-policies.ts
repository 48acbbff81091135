/** Policy documents compiled once and shared; what cannot be read denies everything. */
import { combine, compile } from '../../engines/policy/index.ts';
import type { CompiledPolicy, PolicyKind, PolicySet } from '../../engines/policy/types.ts';
import type { Reader } from '../../store/store.ts';
import { type AwsManagedPolicies, defaultDocument } from './policy-documents.ts';
import type { PolicyHolder } from './state.ts';

/** Compiled documents kept at most; the oldest goes first. */
const limit = 10_000;

/** A statement that was lost may have been a Deny: so a policy that is missing or unreadable grants nothing and denies all. */
const denyEverything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: 'PolicyCannotBeRead', Effect: 'Deny', Action: '*', Resource: '*' }],
});

const allowEverything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

type CallerSide = Extract<PolicyKind, 'identity' | 'boundary' | 'session'>;

export class CompiledPolicies {
  readonly #reader: Reader;
  readonly #awsManaged: AwsManagedPolicies;
  readonly #compiled = new Map<string, CompiledPolicy>();

  constructor(reader: Reader, awsManaged: AwsManagedPolicies) {
    this.#reader = reader;
    this.#awsManaged = awsManaged;
  }

  /** Inline and attached policies of one entity. `owner` is such as `user rudy`. */
  async ofHolder(account: string, owner: string, holder: PolicyHolder): Promise<CompiledPolicy[]> {
    const inline = Object.entries(holder.inline).map(([name, document]) =>
      this.document(document, 'identity', `inline policy ${name} of ${owner}`, account),
    );
    return [...inline, ...(await this.managed(account, holder.attached, 'identity'))];
  }

  /** Managed policies by their default versions, looked up in the caller's account. */
  managed(account: string, arns: readonly string[], kind: CallerSide): Promise<CompiledPolicy[]> {
    return Promise.all(
      arns.map(async (arn) => {
        const document = await defaultDocument(this.#reader, account, arn, this.#awsManaged);
        return this.document(document ?? denyEverything, kind, arn, account);
      }),
    );
  }

  document(text: string, kind: CallerSide, id: string, account: string): CompiledPolicy {
    const key = `${kind}\0${account}\0${id}\0${text}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const label = { id, account };
    let compiled: CompiledPolicy;
    try {
      compiled = compile(text, kind, label);
    } catch {
      compiled = compile(denyEverything, kind, label);
    }
    if (this.#compiled.size >= limit) this.#compiled.delete(this.#compiled.keys().next().value!);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  /** What a root user may do before organizations limit it. */
  everything(account: string): PolicySet {
    return combine([this.document(allowEverything, 'identity', `root user of ${account}`, account)]);
  }

  /** For callers whose user or role is gone. */
  nothing(account: string): PolicySet {
    return combine([this.document(denyEverything, 'identity', 'principal that is deleted', account)]);
  }
}
