/** `npm run check`: types, lint, dead code, architecture and generated documents, side by side; each proves that it looked. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const typesMemory = 'node_modules/.cache/types.tsbuildinfo';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** What the output must show, so that a checker that looked at nothing does not pass. */
  readonly looked?: { readonly pattern: RegExp; readonly atLeast: number };
}

const steps: readonly Step[] = [
  {
    name: 'types',
    // What it found is remembered, errors too: the SDK's types are most of the work, and seldom change.
    command: ['tsc', '-p', '.', '--diagnostics', '--incremental', '--tsBuildInfoFile', typesMemory],
    looked: { pattern: /Files:\s+(\d+)/, atLeast: 200 },
  },
  { name: 'lint', command: ['biome', 'check', '.'], looked: { pattern: /Checked (\d+) files/, atLeast: 100 } },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  {
    name: 'architecture',
    command: ['vitest', 'run', '--reporter=dot', 'test/architecture'],
    looked: { pattern: /Tests\D+(\d+) passed/, atLeast: 15 },
  },
  {
    name: 'documents',
    command: ['node', 'scripts/docs.ts', '--check'],
    looked: { pattern: /(\d+) documents/, atLeast: 1 },
  },
];

async function run(step: Step): Promise<boolean> {
  const [program = '', ...args] = step.command;
  const started = performance.now();
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (status) => resolve(status ?? 1));
  });
  const looked = !step.looked || Number(output.match(step.looked.pattern)?.[1] ?? 0) >= step.looked.atLeast;
  const good = code === 0 && looked;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${good ? '✓' : '✗'} ${step.name} (${seconds} s)`);
  if (!good) console.log(looked ? output : `${output}\n${step.name} looked at too little to be believed.`);
  return good;
}

const results = await Promise.all(steps.map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
