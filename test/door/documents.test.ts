/** The documents keep their word: links lead somewhere, commands exist, names are exported, and no machine leaks in. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Neither ours nor part of the repository. */
const skipped = new Set(['node_modules', '.git', '.bailey', 'dist', 'coverage']);
/** Written by `npm run docs` after a complete test run: a clone that never had one may lack them. */
const generated = new Set(['docs/coverage.md', 'docs/mission.md']);

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
  });
}

const files = filesUnder(root).map((path) => relative(root, path).split(sep).join('/'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = files
  .filter((path) => path.endsWith('.md') && (!path.includes('/') || path.startsWith('docs/')))
  .map((path) => ({ path, text: read(path) }));

/** What stands between backticks, and the lines of fenced blocks: where documents name commands and files. */
function codeOf(text: string): string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, body = '']) => body.split('\n'));
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...inline];
}

function brokenLinks(path: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''));
  return targets.filter((target) => {
    if (target === '' || /^[a-z]+:/.test(target)) return false;
    const found = join(dirname(path), target).split(sep).join('/');
    return !generated.has(found) && !existsSync(join(root, found));
  });
}

const rooms = new Set(readdirSync(join(root, 'src')).concat(readdirSync(root)));

/** Files and folders that a document names in code, such as `gateway/context.ts`, and that are not there. */
function missingPaths(text: string): string[] {
  return codeOf(text)
    .map((code) => code.match(/^((?:[a-z0-9-]+\/)+[\w.-]*)$/)?.[1])
    .filter((path): path is string => path !== undefined && rooms.has(path.split('/')[0] ?? ''))
    .filter((path) => !/[A-Z]{3}/.test(path) && !generated.has(path))
    .filter((path) => ![path, `src/${path}`, `src/${path}.ts`].some((one) => existsSync(join(root, one))));
}

/** Files that a line names without their folder, as ARCHITECTURE.md does, and that are not beside what it named before. */
function missingNeighbours(text: string): string[] {
  const services = readdirSync(join(root, 'src/services')).map((name) => `src/services/${name}`);
  return text.split('\n').flatMap((line) => {
    const missing: string[] = [];
    let folder: string | undefined;
    for (const [, code = ''] of line.matchAll(/`([^`]+)`/g)) {
      const path = code.includes('/') ? [code, `src/${code}`].find((one) => existsSync(join(root, one))) : undefined;
      if (path !== undefined) folder = statSync(join(root, path)).isDirectory() ? path : dirname(path);
      if (!/^[a-z0-9-]+\.ts$/.test(code)) continue;
      // Of a service, where the line names no folder; `service.ts` and `main.ts` are named everywhere.
      const places = ['src', 'src/services', ...(folder === undefined ? services : [folder])];
      if (!places.some((place) => existsSync(join(root, place, code)))) missing.push(code);
    }
    return missing;
  });
}

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
const commandLine = read('src/cli/bailey.ts');
const commands = new Set([...commandLine.matchAll(/\.command\('([a-z-]+)'\)/g)].map(([, name]) => name));
const options = new Set(
  [...commandLine.matchAll(/ption\('(--[a-z-]+)/g)].map(([, name]) => name).concat('--help', '--json'),
);

function unknownCommands(text: string): string[] {
  const wrong: string[] = [];
  for (const code of codeOf(text)) {
    for (const [, name = ''] of code.matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*)/g))
      if (!(name in scripts)) wrong.push(`npm run ${name}`);
    for (const [, name = ''] of code.matchAll(/\bnpm (start|test)\b/g))
      if (!(name in scripts)) wrong.push(`npm ${name}`);
    const ours = code.match(/(?:npm run (?:-s )?bailey --|npx bailey-cloud|^(?:- run: )?bailey) ([a-z]+)(.*)/);
    if (!ours) continue;
    const [, command = '', rest = ''] = ours;
    if (!commands.has(command)) wrong.push(`bailey ${command}`);
    for (const [option] of rest.matchAll(/--[a-z-]+/g))
      if (!options.has(option)) wrong.push(`bailey ${command} ${option}`);
  }
  return wrong;
}

describe('documents', () => {
  it('are there, with commands to look at', () => {
    expect(documents.length).toBeGreaterThan(15);
    expect(commands.size).toBeGreaterThanOrEqual(8);
    expect(options.size).toBeGreaterThanOrEqual(10);
  });

  it.each(documents)('$path: links, paths and commands', ({ path, text }) => {
    expect({ links: brokenLinks(path, text), paths: missingPaths(text), commands: unknownCommands(text) }).toEqual({
      links: [],
      paths: [],
      commands: [],
    });
  });

  it('ARCHITECTURE.md: files named without their folder', () => {
    expect(missingNeighbours(read('ARCHITECTURE.md'))).toEqual([]);
  });

  it('decide under numbers of their own, which their titles repeat', () => {
    const numbered = documents.filter(({ path }) => path.startsWith('docs/decisions/'));
    const numbers = numbered.map(({ path }) => path.slice('docs/decisions/'.length).slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    numbered.forEach(({ path, text }, index) => {
      expect(text.split('\n')[0], path).toMatch(new RegExp(`^# ${numbers[index]}: `));
    });
  });

  it('name only what the package exports', async () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> };
    let seen = 0;
    for (const { path, text } of documents) {
      for (const [, names = '', from = ''] of text.matchAll(/import \{([^}]+)\} from 'bailey-cloud([^']*)'/g)) {
        const file = exports[`.${from}`];
        expect(file, `${path}: bailey-cloud${from}`).toBeDefined();
        const module = (await import(join(root, file ?? ''))) as object;
        for (const name of names.split(',')) expect(module, path).toHaveProperty(name.trim());
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThanOrEqual(2);
  });

  it('would be caught with a broken link, path, command or option', () => {
    expect(brokenLinks('docs/x.md', '[a](nowhere.md) [b](https://example.com) [c](#here)')).toEqual(['nowhere.md']);
    expect(missingPaths('`gateway/nowhere.ts`, `gateway/server.ts`, `wire`, `s3/x`')).toEqual(['gateway/nowhere.ts']);
    expect(missingNeighbours('`gateway/server.ts`, `perform.ts`, `state.ts`\n`state.ts`, `nowhere.ts`')).toEqual([
      'state.ts',
      'nowhere.ts',
    ]);
    expect(unknownCommands('`npm run nothing`, `bailey up --fast`, `bailey dance`\n```sh\nnpm test\n```')).toEqual([
      'npm run nothing',
      'bailey up --fast',
      'bailey dance',
    ]);
  });
});

describe('the repository', () => {
  /** In pieces, so that this file does not find itself. */
  const forbidden: readonly [name: string, pattern: RegExp][] = [
    ['a path of some machine', new RegExp(['(?<![\\w.-])/(?:wo', 'rk|ro', 'ot|ho', 'me)/[a-z.]'].join(''))],
    ['how it was made', new RegExp(['\\b(?:this|next|last|previous|earlier) sit', 'tings?\\b'].join(''), 'i')],
    ['who made it', new RegExp(['\\b(?:sub', 'agent|issue auth', 'or|co-auth', 'ored-by)\\b'].join(''), 'i')],
    ['a package registry', new RegExp(['registry\\.n', 'pmjs|n', 'px bailey(?!-cloud)\\b'].join(''))],
  ];
  const texts = files
    .filter((path) => /\.(?:ts|mjs|md|json|yaml|yml)$|^\.ci\/|^LICENSE$/.test(path) && path !== 'package-lock.json')
    .filter((path) => statSync(join(root, path)).size < 1_000_000);

  it.each(forbidden)('does not tell %s', (_name, pattern) => {
    expect(texts.length).toBeGreaterThan(300);
    const found = texts.flatMap((path) => {
      const line = read(path)
        .split('\n')
        .findIndex((text) => pattern.test(text));
      return line < 0 ? [] : [`${path}:${line + 1}`];
    });
    expect(found).toEqual([]);
  });
});
