/** `bailey status`: what a running instance says of itself. */
import { ask } from './operator.ts';
import { describe, type VaultState } from './vault.ts';

interface Status {
  readonly endpoint: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly dataDir: string;
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  readonly store: Readonly<Record<string, unknown>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly recordsWaiting: number;
  /** Where the vault was ever needed. */
  readonly vault?: VaultState;
}

interface Layer {
  readonly layer: string;
  readonly count: number;
  readonly isSealed: boolean;
  readonly key: string;
}

export async function status(options: { data: string; json?: true; encryption?: true }): Promise<number> {
  if (options.encryption) return encryption(options);
  const answer = await ask<Status>(options.data, '/status', {});
  if (options.json) {
    console.log(JSON.stringify(answer));
    return 0;
  }
  console.log(`endpoint   ${answer.endpoint} (pid ${answer.pid}, since ${answer.startedAt})`);
  console.log(`data       ${answer.dataDir}`);
  for (const account of answer.accounts) console.log(`account    ${account.id} ${account.name}`);
  for (const [name, value] of Object.entries(answer.store)) console.log(`store      ${name}: ${String(value)}`);
  if (answer.vault) console.log(`vault      ${describe(answer.vault)}`);
  for (const [reason, count] of Object.entries(answer.refused)) console.log(`refused    ${reason}: ${count}`);
  if (answer.recordsWaiting > 0) console.log(`records    ${answer.recordsWaiting} wait for room on the disk`);
  return 0;
}

/** Fails if anything lies open. */
async function encryption(options: { data: string; json?: true }): Promise<number> {
  const { layers } = await ask<{ layers: readonly Layer[] }>(options.data, '/encryption', {});
  if (options.json) console.log(JSON.stringify(layers));
  else
    for (const { layer, count, isSealed, key } of layers) {
      console.log(`${isSealed ? 'sealed' : 'OPEN  '}  ${layer} (${count}): ${key}`);
    }
  return layers.every(({ isSealed }) => isSealed) ? 0 : 1;
}
