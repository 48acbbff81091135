/** The SDK's inside moves between minor versions: nothing is built on it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sources } from '../instance/sources.ts';
import { loadService } from './index.ts';
import type { Shape } from './shape.ts';

const root = new URL('../../', import.meta.url);

describe('wire trap 17: documents', () => {
  it('stand in no model of a service that speaks XML, where nobody could write them', { timeout: 60_000 }, async () => {
    const found: string[] = [];
    let shapes = 0;
    for (const source of sources) {
      const xml = source.protocols.some((one) => /query|xml/i.test(one));
      const seen = new Set<Shape>();
      const walk = (shape: Shape, path: string): void => {
        if (seen.has(shape)) return;
        seen.add(shape);
        shapes += 1;
        if (shape.type === 'document' && xml) found.push(path);
        for (const member of shape.members ?? []) walk(member.shape, `${path}.${member.name}`);
        if (shape.type === 'list') walk(shape.element.shape, `${path}[]`);
        if (shape.type === 'map') walk(shape.value.shape, `${path}{}`);
      };
      for (const { name, input, output } of (await loadService(source)).operations.values()) {
        walk(input, `${source.name}:${name} input`);
        walk(output, `${source.name}:${name} output`);
      }
    }
    expect(shapes).toBeGreaterThan(5_000);
    expect(found).toEqual([]);
  });
});

describe('wire trap 18: the inside of the SDK', () => {
  const inside = /(?:from|import\()\s*'(@smithy\/(?!signature-v4)[^']+|@aws-sdk\/(?:core|types|xml-builder)[^']*)'/g;

  it('is imported nowhere: codecs are our own, schemas come from the root of each client', () => {
    const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    expect(files.length).toBeGreaterThan(900);
    const places = files.flatMap((name) =>
      [...readFileSync(new URL(`src/${name}`, root), 'utf8').matchAll(inside)].map(
        ([, module]) => `${name}: ${module}`,
      ),
    );
    expect(places).toEqual([]);
    expect("import { cbor } from '@smithy/core/cbor';").toMatch(new RegExp(inside));
  });

  it('has exact versions', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    const versions = Object.entries<string>({ ...dependencies, ...devDependencies });
    expect(versions.length).toBeGreaterThan(30);
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });
});
