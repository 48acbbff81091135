/** MD5: 16 bytes, raw. For comparing with what requests carry; nothing is protected by it. */

const turns = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const constants = Int32Array.from({ length: 64 }, (_, at) => (Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0);
const words = new Int32Array(16);

export function md5(text: string): string {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const length = text.length;
  const blocks = ((length + 8) >>> 6) + 1;
  for (let block = 0; block < blocks; block++) {
    for (let word = 0; word < 16; word++) {
      let value = 0;
      for (let byte = 3; byte >= 0; byte--) {
        const at = block * 64 + word * 4 + byte;
        value = (value << 8) | (at < length ? text.charCodeAt(at) & 0xff : at === length ? 0x80 : 0);
      }
      words[word] = value;
    }
    if (block === blocks - 1) {
      words[14] = length << 3;
      words[15] = Math.floor(length / 2 ** 29);
    }
    compress(state);
  }
  let digest = '';
  for (const word of state) {
    digest += String.fromCharCode(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
  }
  return digest;
}

function compress(state: Int32Array): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let at = 0; at < 64; at++) {
    const round = at >>> 4;
    let mixed: number;
    let word: number;
    if (round === 0) [mixed, word] = [(b & c) | (~b & d), at];
    else if (round === 1) [mixed, word] = [(d & b) | (~d & c), (5 * at + 1) & 15];
    else if (round === 2) [mixed, word] = [b ^ c ^ d, (3 * at + 5) & 15];
    else [mixed, word] = [c ^ (b | ~d), (7 * at) & 15];
    const sum = (a + mixed + constants[at]! + words[word]!) | 0;
    const by = turns[round as 0 | 1 | 2 | 3][(at & 3) as 0 | 1 | 2 | 3];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0;
  }
  state[0] = state[0]! + a;
  state[1] = state[1]! + b;
  state[2] = state[2]! + c;
  state[3] = state[3]! + d;
}
