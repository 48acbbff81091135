import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cycles, importsOf, importViolations, retentionViolations, type Source, shapeViolations } from './rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'test', 'bench', 'fuzz', 'scripts'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path.endsWith('.ts') && existsSync(`${root}${path}`));
const sources: Source[] = files.map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }));

describe('architecture', () => {
  it('looked at the tree', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((source) => importsOf(source).length > 0).length).toBeGreaterThan(80);
  });

  it('lets rooms import only what ARCHITECTURE.md allows', () => {
    expect(sources.flatMap(importViolations)).toEqual([]);
  });

  it('keeps files small, named and introduced', () => {
    expect(sources.flatMap(shapeViolations)).toEqual([]);
  });

  it('makes no functions that keep whole requests', () => {
    expect(sources.flatMap(retentionViolations)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(cycles(sources)).toEqual([]);
  });

  it('has a median file of fewer than 120 lines', () => {
    const lengths = sources.filter((s) => s.path.startsWith('src/')).map((s) => s.text.split('\n').length);
    lengths.sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(120);
  });

  it('describes every room of src in ARCHITECTURE.md', () => {
    const text = readFileSync(`${root}ARCHITECTURE.md`, 'utf8');
    const rooms = new Set(sources.filter((s) => s.path.startsWith('src/')).map((s) => s.path.split('/')[1] ?? ''));
    for (const room of rooms) expect(text, `ARCHITECTURE.md says nothing of src/${room}`).toContain(`${room}`);
  });

  describe('finds planted violations', () => {
    const plant = (path: string, text: string): Source => ({ path, text: `/** Planted. */\n${text}` });

    it.each([
      ['src/services/iam/x.ts', "import { y } from '../s3/state.ts';"],
      ['src/services/iam/x.ts', "import { y } from '../../gateway/gateway.ts';"],
      ['src/services/iam/x.ts', "import { createServer } from 'node:http';"],
      ['src/services/iam/x.ts', "import { open } from '../../store/sqlite.ts';"],
      ['src/engines/policy/x.ts', "import { y } from '../../store/store.ts';"],
      ['src/engines/policy/x.ts', "import { readFileSync } from 'node:fs';"],
      ['src/engines/policy/x.ts', "import { y } from 'lodash';"],
      ['src/wire/x.ts', "export { y } from '../services/iam/state.ts';"],
      ['src/wire/x.ts', "import type {\n  A,\n  B,\n} from '../gateway/gateway.ts';"],
      ['src/gateway/x.ts', "const y = await import('../services/iam/index.ts');"],
      ['src/cli/x.ts', "import '../store/sqlite.ts';"],
      ['src/store/x.ts', "import { y } from '../services/service.ts';"],
    ])('%s: %s', (path, text) => {
      expect(importViolations(plant(path, text))).toHaveLength(1);
    });

    it('shape', () => {
      expect(shapeViolations(plant('src/wire/utils.ts', ''))).toHaveLength(1);
      expect(shapeViolations(plant('src/wire/x.ts', '\n'.repeat(900)))).toHaveLength(1);
      expect(shapeViolations({ path: 'src/wire/x.ts', text: 'export const x = 1;' })).toHaveLength(1);
    });

    it('key trap 14: certificates that are not checked', () => {
      expect(shapeViolations(plant('src/wire/x.ts', 'const o = { rejectUnauthorized: false };'))).toHaveLength(1);
    });

    it.each([
      'class A {\n  b(c: C): void {\n    c.d = () => this.e();\n  }\n}',
      'class A {\n  b(c: C): void {\n    c.d = async (e: number): Promise<void> => {};\n  }\n}',
      'function f() {\n  return {\n    get g() {\n      return 1;\n    },\n  };\n}',
    ])('functions that are born old: %j', (text) => {
      expect(retentionViolations(plant('src/edge/x.ts', text))).toHaveLength(1);
      expect(retentionViolations(plant('src/cli/x.ts', text))).toHaveLength(0);
    });

    it('and not others', () => {
      const text =
        'class A implements B {\n  get g() {\n    return 1;\n  }\n  b() {\n    this.h = this.i.map((one) => one);\n  }\n}';
      expect(retentionViolations(plant('src/edge/x.ts', text))).toHaveLength(0);
    });

    it('cycles', () => {
      const a = plant('src/wire/a.ts', "import { b } from './b.ts';");
      const b = plant('src/wire/b.ts', "import { a } from './a.ts';");
      expect(cycles([a, b])).toHaveLength(1);
      expect(cycles([a, plant('src/wire/b.ts', "import type { a } from './a.ts';")])).toHaveLength(0);
    });
  });
});
