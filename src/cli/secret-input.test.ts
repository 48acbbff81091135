import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type SecretSource, secretsFrom } from './secret-input.ts';

/** A terminal that remembers whether it echoes. */
class Terminal extends PassThrough implements SecretSource {
  readonly isTTY = true;
  readonly modes: boolean[] = [];
  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

async function typed(...keys: (string | Buffer)[]) {
  const terminal = new Terminal();
  const prompts = new PassThrough();
  const asked = secretsFrom(terminal, prompts).ask('Password: ');
  for (const key of keys) terminal.write(key);
  const answer = await asked;
  return { answer, modes: terminal.modes, shown: String(prompts.read()) };
}

describe('at a terminal', () => {
  test('the password is not shown, and echo comes back', async () => {
    const { answer, modes, shown } = await typed('correct ', 'horse', '\r');
    expect(answer).toBe('correct horse');
    expect(modes).toEqual([true, false]);
    expect(shown).toBe('Password: \n');
  });

  test.each([
    [['abx\u007fc\n'], 'abc'],
    [['abx\bc\n'], 'abc'],
    [['wrong\u0015right\r'], 'right'],
    [['\u007f\u007fa\r'], 'a'],
    [['😀\u007fé\r'], 'é'],
    [[Buffer.from([0xc3]), Buffer.from([0xa9]), '\r'], 'é'],
    [['a\tb\r'], 'ab'],
    [['\r'], ''],
  ])('%j is %j', async (keys, answer) => {
    expect((await typed(...keys)).answer).toBe(answer);
  });

  test.each(['\u0003', 'abc\u0004'])('%j gives up', async (keys) => {
    await expect(typed(keys)).rejects.toThrow('no password');
  });
});

describe('otherwise', () => {
  const lines = async (text: string) => {
    const input = new PassThrough();
    input.end(text);
    const secrets = secretsFrom(input, new PassThrough());
    return [await secrets.ask(''), await secrets.ask(''), await secrets.ask('')];
  };

  test('each line is an answer, spaces included', async () => {
    expect(await lines(' one \r\ntwo')).toEqual([' one ', 'two', undefined]);
    expect(await lines('one\n')).toEqual(['one', undefined, undefined]);
    expect(await lines('')).toEqual([undefined, undefined, undefined]);
  });

  test('there is a limit', async () => {
    await expect(lines('x'.repeat(4_097))).rejects.toThrow('4096');
  });
});
