/** Random spoiling of texts, from a seed. */
import { upload } from '../src/wire/signing/framing.fixture.ts';

/** A number in [0, below). */
export type Rng = (below: number) => number;

export function rng(seed: number): Rng {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const pieces = [
  '',
  '=',
  '&',
  ',',
  ';',
  '/',
  '%',
  '%zz',
  '\r\n',
  '\n',
  '\0',
  'ÿ',
  '0',
  'aws4_request',
  'X-Amz-Signature=',
  'Credential=',
  '99999999999999999999',
  '__proto__',
  '[',
  '{"',
];

/** One to four edits: another character, a piece put in, a part cut out, repeated or moved. */
export function mutate(random: Rng, text: string): string {
  let out = text;
  for (let edits = 1 + random(4); edits > 0; edits -= 1) {
    const at = random(out.length + 1);
    const length = random(1 + Math.min(64, out.length - at + 1));
    const part = out.slice(at, at + length);
    const edit = random(5);
    if (edit === 0) out = out.slice(0, at) + String.fromCharCode(random(256)) + out.slice(at + 1);
    else if (edit === 1) out = out.slice(0, at) + (pieces[random(pieces.length)] ?? '') + out.slice(at);
    else if (edit === 2) out = out.slice(0, at) + out.slice(at + length);
    else if (edit === 3) out = out.slice(0, at) + part.repeat(1 + random(20)) + out.slice(at);
    else {
      const rest = out.slice(0, at) + out.slice(at + length);
      const to = random(rest.length + 1);
      out = rest.slice(0, to) + part + rest.slice(to);
    }
  }
  return out;
}

/** A small signed upload with trailers, and its payload. */
export function framedBytes() {
  const payload = Buffer.from('a payload that was signed, '.repeat(20));
  const made = upload('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', payload);
  return { ...made, payload, body: Buffer.concat(made.frames) };
}
