/** Who may import whom, and what a file may look like: the rules of ARCHITECTURE.md as functions over source text. */

export interface Source {
  /** From the repository's root, with slashes: `src/gateway/gateway.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly what: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)|\bimport\('([^'\n]+)'\)/g;

/** Module names that a source imports: relative ones resolved against the root, others as they stand. */
export function importsOf(source: Source): string[] {
  const found: string[] = [];
  for (const match of source.text.matchAll(importPattern)) {
    const name = match[1] ?? match[2] ?? match[3];
    if (name === undefined) continue;
    found.push(name.startsWith('.') ? resolve(source.path, name) : name);
  }
  return found;
}

function resolve(from: string, relative: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

const isTest = (path: string): boolean => /(?:\.test\.ts|\.fixture\.ts|conformance\.ts)$/.test(path);

/** What each room may import within `src`; prefixes of paths. Its own folder is always allowed. */
function allowedFor(path: string): readonly string[] {
  const [, room = '', second = ''] = path.split('/');
  const declarations = ['src/services/service.ts'];
  switch (room) {
    case 'main.ts':
    case 'instance':
      return ['src/'];
    case 'gateway':
      return ['src/gateway/', ...declarations, 'src/engines/', 'src/wire/', 'src/events/', 'src/store/', 'src/models/'];
    case 'services':
      if (second === 'service.ts') return ['src/store/store.ts'];
      return [
        ...declarations,
        'src/engines/',
        'src/events/',
        'src/store/store.ts',
        'src/models/',
        `src/services/${second}/`,
      ];
    case 'engines':
      return [`src/engines/${second}/`, 'src/engines/text/'];
    case 'wire':
      return ['src/wire/', 'src/models/'];
    case 'events':
      return [...declarations, 'src/events/', 'src/store/store.ts'];
    case 'vault':
      // What it is asked, and how a file becomes durable.
      return ['src/vault/', 'src/services/kms/ports.ts', 'src/store/durable-file.ts'];
    case 'certificates':
      return ['src/certificates/'];
    case 'edge':
      return [
        'src/edge/',
        ...declarations,
        'src/engines/',
        'src/wire/',
        'src/events/',
        'src/store/',
        // Whom a trusted proxy speaks for is the same question at both doors.
        'src/gateway/proxies.ts',
        'src/gateway/proxy-protocol.ts',
      ];
    case 'xks-proxy':
      return ['src/xks-proxy/', 'src/wire/'];
    case 'store':
    case 'models':
    case 'config':
      return [`src/${room}/`];
    case 'cli':
      // up, backup and restore start main.
      return ['src/cli/', 'src/main.ts'];
    default:
      return [];
  }
}

const impureModules =
  /^node:(?:http|https|http2|net|tls|dgram|fs|fs\/promises|child_process|worker_threads|os|crypto|timers.*|dns.*|sqlite)$/;

export function importViolations(source: Source): Violation[] {
  if (!source.path.startsWith('src/') || isTest(source.path)) return [];
  const allowed = allowedFor(source.path);
  const violations: Violation[] = [];
  for (const name of importsOf(source)) {
    if (name.startsWith('src/')) {
      if (!allowed.some((prefix) => name.startsWith(prefix))) {
        violations.push({ path: source.path, what: `may not import ${name}` });
      }
    } else if (source.path.startsWith('src/engines/') && (impureModules.test(name) || !name.startsWith('node:'))) {
      violations.push({ path: source.path, what: `an engine may not import ${name}` });
    } else if (source.path.startsWith('src/services/') && /^node:(?:http|https|http2|net|tls|sqlite)$/.test(name)) {
      violations.push({ path: source.path, what: `a service may not import ${name}` });
    }
  }
  return violations;
}

/** Where requests are in motion, by the thousand a second. */
const inMotion = /^src\/(?:edge|gateway|wire|store|services|engines\/(?:waf|policy))\//;
const assignedLiteral = /^\s+[\w.#!]+\.\w+ = (?:async )?(?:\([^()]*\)|\w+)(?:: [^=]+)? => /;

/**
 * Two ways of writing a function that V8 puts among what is old from the start: as it is assigned to a property, and as a
 * getter of an object literal. All that it leads to then stays until a major collection, which is whole requests.
 * @see docs/decisions/0101-functions-that-are-born-old.md
 */
export function retentionViolations({ path, text }: Source): Violation[] {
  if (!inMotion.test(path) || isTest(path)) return [];
  const lines = text.split('\n');
  const indent = (line: string): number => line.length - line.trimStart().length;
  return lines.flatMap((line, at) => {
    if (assignedLiteral.test(line)) return [{ path, what: `a function is assigned to a property: ${line.trim()}` }];
    if (!/^\s+get \w+\(\)/.test(line)) return [];
    const around = lines.slice(0, at).findLast((one) => one.trim() !== '' && indent(one) < indent(line));
    return / extends | implements |\bclass /.test(around ?? '')
      ? []
      : [{ path, what: `a getter of a literal: ${line.trim()}` }];
  });
}

const bannedNames = /(?:^|[/-])(?:utils?|helpers?|common|manager|base|misc)(?:[/.-]|$)/;
const longestFile = 800;

export function shapeViolations(source: Source): Violation[] {
  const violations: Violation[] = [];
  const lines = source.text.split('\n').length;
  if (lines > longestFile)
    violations.push({ path: source.path, what: `is ${lines} lines long, ${longestFile} is the most` });
  if (bannedNames.test(source.path.slice(source.path.indexOf('/') + 1))) {
    violations.push({
      path: source.path,
      what: 'has a name that says nothing (utils, helpers, common, manager, base, misc)',
    });
  }
  const opening = source.text.replace(/^#!.*\n/, '').trimStart();
  if (source.path.startsWith('src/') && !isTest(source.path) && !opening.startsWith('/**')) {
    violations.push({ path: source.path, what: 'does not begin with a sentence that says what it is for' });
  }
  if (/\b(?:TODO|FIXME|XXX)\b(?!\s*\(#\d+\))/.test(source.text) && !source.path.startsWith('test/architecture/')) {
    violations.push({ path: source.path, what: 'has a TODO without an issue number' });
  }
  if (
    source.path.startsWith('src/') &&
    /rejectUnauthorized['"]?\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/.test(source.text)
  ) {
    violations.push({ path: source.path, what: 'takes a TLS peer that nobody vouches for' });
  }
  return violations;
}

/** Import cycles among sources of `src`, each as the list of paths round the cycle. Type-only imports do not count. */
export function cycles(sources: readonly Source[]): string[][] {
  const graph = new Map<string, string[]>();
  for (const source of sources) {
    if (!source.path.startsWith('src/') || isTest(source.path)) continue;
    const text = source.text.replace(/(?:^|\n)\s*(?:import|export) type [^;]*;/g, '\n');
    graph.set(
      source.path,
      importsOf({ path: source.path, text }).filter((name) => name.startsWith('src/')),
    );
  }
  const found: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack: string[] = [];
  const visit = (path: string): void => {
    state.set(path, 'open');
    stack.push(path);
    for (const next of graph.get(path) ?? []) {
      if (state.get(next) === 'open') found.push([...stack.slice(stack.indexOf(next)), next]);
      else if (!state.has(next) && graph.has(next)) visit(next);
    }
    stack.pop();
    state.set(path, 'done');
  };
  for (const path of graph.keys()) if (!state.has(path)) visit(path);
  return found;
}
