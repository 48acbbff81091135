/** The generated constraint tables: each line reaches a member of the SDK's model, and each pattern is safe to try. */
import { describe, expect, it } from 'vitest';
import { ec2Operations } from '../../scripts/models-ec2.ts';
import { sources as allSources } from '../instance/sources.ts';
import type { ConstraintFile } from './constraint.ts';
import { loadService, type Shape } from './index.ts';
import { isOneClass, javaPattern } from './pattern.ts';

const sources = allSources.filter((source) => source.constraints);

async function reached(source: (typeof sources)[number]): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const visit = (shape: Shape): void => {
    if (shape.type === 'list') visit(shape.element.shape);
    else if (shape.type === 'map') visit(shape.value.shape);
    else if (shape.type === 'structure' || shape.type === 'union') {
      if (found.has(shape.name)) return;
      found.set(shape.name, new Set(shape.members.map(({ name }) => name)));
      for (const member of shape.members) visit(member.shape);
    }
  };
  const { operations } = await loadService(source);
  for (const { name, input } of operations.values()) {
    if (source.name !== 'ec2' || ec2Operations.includes(name)) visit(input);
  }
  return found;
}

describe.each(sources)('$name', (source) => {
  it('has no line that no request can reach', async () => {
    const file = (await source.constraints!()) as ConstraintFile;
    const known = await reached(source);
    const lost = Object.entries(file.members)
      .flatMap(([structure, members]) => Object.keys(members).map((member) => [structure, member] as const))
      .filter(([structure, member]) => !known.get(structure)?.has(member))
      .map(([structure, member]) => `${structure}.${member}`);
    expect(lost).toEqual([]);
    expect(Object.keys(file.members).length).toBeGreaterThan(5);
  });

  it('has patterns that end soon on any text of the length they are tried on', async () => {
    const file = (await source.constraints!()) as ConstraintFile;
    for (const { pattern, max } of file.entries) {
      if (pattern === undefined) continue;
      const compiled = javaPattern(pattern);
      const length = isOneClass(pattern) ? 200_000 : Math.min(2 * (max ?? 4096), 20_000);
      const start = performance.now();
      for (const unit of ['a', '/', 'a-', '/a', 'a.', '0', ' ', 'arn:aws:', '::', '@', 'é', '😀']) {
        compiled.test(`${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}\u0000`);
      }
      expect(performance.now() - start, pattern).toBeLessThan(2000);
    }
  });
});
