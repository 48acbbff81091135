/** Reads passwords: from a terminal without showing them, otherwise from the lines of standard input. */
import type { Readable, Writable } from 'node:stream';

/** Standard input as far as it is needed here. */
export interface SecretSource extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

const longest = 4_096;

/** One answer after the other; `undefined` when there is no further one. */
export interface Secrets {
  ask(prompt: string): Promise<string | undefined>;
}

/** @param prompts where questions are shown: not standard output, which may be on its way into a file */
export function secretsFrom(input: SecretSource, prompts: Writable): Secrets {
  if (input.isTTY && input.setRawMode) return { ask: (prompt) => fromTerminal(input, prompts, prompt) };
  let lines: string[] | undefined;
  return {
    async ask() {
      lines ??= await readLines(input);
      return lines.shift();
    },
  };
}

async function readLines(input: Readable): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > longest) throw new Error(`Standard input has more than ${longest} bytes: that is no password.`);
    chunks.push(bytes);
  }
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Ends at Enter; Backspace takes a character back, Ctrl-U all of them, and Ctrl-C gives up. */
function fromTerminal(input: SecretSource, prompts: Writable, prompt: string): Promise<string> {
  // In this order: whoever types as soon as the question appears must not be shown either.
  input.setRawMode?.(true);
  prompts.write(prompt);
  return new Promise((resolve, reject) => {
    const characters: string[] = [];
    // A character may arrive in parts.
    const decoder = new TextDecoder();
    const finish = (outcome: () => void) => {
      input.off('data', read);
      input.off('end', ended);
      input.setRawMode?.(false);
      input.pause();
      prompts.write('\n');
      outcome();
    };
    const ended = () => finish(() => reject(new Error('There was no password.')));
    const read = (chunk: Buffer | string) => {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      for (const character of text) {
        if (character === '\r' || character === '\n') return finish(() => resolve(characters.join('')));
        if (character === '\u0003' || character === '\u0004') return ended();
        if (character === '\u007f' || character === '\b') characters.pop();
        else if (character === '\u0015') characters.length = 0;
        else if (character >= ' ' && characters.length < longest) characters.push(character);
      }
    };
    input.on('data', read);
    input.on('end', ended);
    input.resume();
  });
}
