/** What is given to the vault leaves its memory with the call, also where the call fails. */
import { expect, it } from 'vitest';
import type { Algorithms } from './algorithms/types.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { Tokens } from './tokens.ts';
import { Vault } from './vault.ts';

const name = ['111122223333', 'mrk-1', 'SYMMETRIC_DEFAULT'].map((part) => Buffer.from(part));
function refuse(): string {
  throw new Error('not here');
}

const hierarchies: readonly (readonly [string, object])[] = [
  ['has no name', { idOfAdopted: refuse }],
  ['cannot be sealed', { idOfAdopted: () => 'ff', seal: async () => refuse() }],
];

it.each(hierarchies)('material that %s is wiped', async (_why, hierarchy) => {
  const material = Buffer.alloc(32, 7);
  const algorithms = { check: async () => material, publicKey: async () => undefined };
  const vault = new Vault(hierarchy as unknown as Hierarchy, algorithms as unknown as Algorithms, {} as Tokens);
  await expect(vault.perform('adopt', [...name, Buffer.from(material)])).rejects.toThrow('not here');
  expect(material.equals(Buffer.alloc(32))).toBe(true);
});
