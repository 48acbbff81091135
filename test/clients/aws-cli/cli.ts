/** One installed aws CLI, and how its commands are run and judged. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adminKeys, type Keys } from '../../support/instance.ts';
import type { Bench } from '../bench.ts';
import { type CommandOptions, command, type Outcome, plainEnvironment } from '../command.ts';
import { type WarmCli, warmCli } from './warm.ts';

export interface RunOptions extends Pick<CommandOptions, 'input'> {
  readonly as?: Keys;
  readonly env?: Readonly<Record<string, string>>;
  /** By option, for every version (true), or by AWS_ENDPOINT_URL. */
  readonly endpointOption?: boolean;
}

/** Arguments as a line that is split at spaces, followed by arguments that are not. */
export type Line = string | readonly [string, ...string[]];

function split(line: Line): string[] {
  const [first = '', ...rest] = typeof line === 'string' ? [line] : line;
  return [...first.split(' ').filter((word) => word !== ''), ...rest];
}

export class Cli {
  readonly program: string;
  readonly major: number;
  readonly minor: number;
  readonly bench: Bench;
  #warm: WarmCli | undefined;

  constructor(program: string, version: readonly [number, number], bench: Bench) {
    this.program = program;
    [this.major, this.minor] = version;
    this.bench = bench;
  }

  /** Keeps the CLI's Python loaded from now on, where it has one. */
  async warmUp(): Promise<void> {
    this.#warm = await warmCli(this.program, this.bench.folder);
  }

  end(): void {
    this.#warm?.end();
  }

  /** Whether it reads AWS_ENDPOINT_URL and endpoint_url: since 1.29 and 2.13. */
  get readsEndpoint(): boolean {
    return this.minor >= (this.major === 1 ? 29 : 13);
  }

  run(line: Line, options: RunOptions = {}): Promise<Outcome> {
    const keys = options.as ?? adminKeys;
    const endpoint = options.endpointOption === false ? [] : ['--endpoint-url', this.bench.instance.endpoint];
    const args = [...split(line), ...endpoint];
    const cwd = this.bench.folder;
    const env: Record<string, string> = {
      ...plainEnvironment(this.bench.folder),
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken !== undefined && { AWS_SESSION_TOKEN: keys.sessionToken }),
      ...options.env,
    };
    const input = options.input !== undefined ? { input: options.input } : {};
    if (this.#warm) return this.#warm.run({ args, env, cwd, ...input });
    return command(this.program, args, { seconds: 60, cwd, env, ...input });
  }

  /** The command must succeed; returns what it printed. */
  async text(line: Line, options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.run(line, options);
    if (code !== 0) throw new Error(`${split(line).join(' ')} ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  async json(line: Line, options?: RunOptions): Promise<unknown> {
    const text = await this.text(line, options);
    return text.trim() === '' ? undefined : JSON.parse(text);
  }

  /** The command must succeed, and print this JSON. */
  async prints(line: Line, expected: unknown, options?: RunOptions): Promise<void> {
    assert.deepEqual(await this.json(line, options), expected);
  }

  /** The command must end with the exit code that the CLI has for errors of services, and say this. */
  async refused(line: Line, says: string | RegExp, options?: RunOptions, code = 254): Promise<string> {
    const outcome = await this.run(line, options);
    const said = outcome.stderr + outcome.stdout;
    if (typeof says === 'string') assert.ok(said.includes(says), `${split(line).join(' ')} said: ${said}`);
    else assert.match(said, says);
    // The first versions of the CLI knew 255 only.
    assert.ok(outcome.code === code || (this.major === 1 && outcome.code === 255), `ended with ${outcome.code}`);
    return said;
  }

  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.bench.folder, name);
    await writeFile(path, content);
    return path;
  }

  read(name: string): Promise<Buffer> {
    return readFile(join(this.bench.folder, name));
  }
}

export const policy = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
