/** Collects what a test run proved: mission rows by test name, and operations that real clients called. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export const evidenceDir = fileURLToPath(new URL('../../node_modules/.cache/bailey-evidence/', import.meta.url));

export interface Evidence {
  /** The whole suite ran, and all of it passed. */
  readonly complete: boolean;
  /** Mission row → files whose tests of that row all passed. */
  readonly mission: Readonly<Record<string, readonly string[]>>;
  /** `service:Operation` → outcomes seen over HTTP: `ok`, or error codes. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

export default class EvidenceReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    rmSync(evidenceDir, { recursive: true, force: true });
    mkdirSync(evidenceDir, { recursive: true });
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, { files: Set<string>; failed: boolean }>();
    let passed = true;
    for (const module of modules) {
      if (!module.ok()) passed = false;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        for (const [id] of test.fullName.matchAll(/\bM-\d{3}\b/g)) {
          const row = rows.get(id) ?? { files: new Set<string>(), failed: false };
          if (state === 'passed') row.files.add(module.relativeModuleId);
          else row.failed = true;
          rows.set(id, row);
        }
      }
    }
    const config = this.#vitest?.config;
    const filtered =
      process.argv.slice(2).some((word) => word !== 'run' && !word.startsWith('-')) ||
      config?.testNamePattern !== undefined;
    const mission: Record<string, string[]> = {};
    for (const [id, row] of [...rows].sort())
      if (!row.failed && row.files.size > 0) mission[id] = [...row.files].sort();
    const evidence: Evidence = { complete: passed && !filtered, mission, calls: mergedCalls() };
    writeFileSync(`${evidenceDir}evidence.json`, `${JSON.stringify(evidence, null, 1)}\n`);
  }
}

/** What the instances of each test thread saw. */
function mergedCalls(): Record<string, string[]> {
  const merged = new Map<string, Set<string>>();
  for (const name of readdirSync(evidenceDir)) {
    if (!name.startsWith('calls-')) continue;
    const calls = JSON.parse(readFileSync(`${evidenceDir}${name}`, 'utf8')) as Record<string, string[]>;
    for (const [operation, outcomes] of Object.entries(calls)) {
      const seen = merged.get(operation) ?? new Set<string>();
      for (const outcome of outcomes) seen.add(outcome);
      merged.set(operation, seen);
    }
  }
  return Object.fromEntries([...merged].sort().map(([operation, seen]) => [operation, [...seen].sort()]));
}
