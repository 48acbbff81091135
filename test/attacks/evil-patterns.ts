/**
 * Two hundred patterns that are known to hang engines that backtrack, or to blow up automata, over 64 KB each. A program of
 * its own, so that nothing else runs in its process: prints how many were tried, and which of them were slow.
 */
import { RegexFault } from '../../src/engines/waf/regex/fault.ts';
import { compileRegex } from '../../src/engines/waf/regex/regex.ts';

const size = 65_536;

/** Pseudo-random letters: the text that makes automata forget most. */
function noise(letters: string, seed: number): string {
  let state = seed;
  let text = '';
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    text += letters[(state >>> 16) % letters.length];
  }
  return text;
}

const patterns: string[] = [];
for (const inner of ['a+', 'a*', '[ab]+', 'a|a', 'a|aa', 'a|ab|b', '\\w+', '.+', 'a?b?', '\\s*a']) {
  for (const [before, after] of [
    ['^(', ')+$'],
    ['(', ')*b!'],
    ['((', ')+)+$'],
    ['(?i)x*(', '){2,20}#'],
    ['\\b(', ')+\\b!'],
    ['(?m)^(', ')*;$'],
  ] as const) {
    patterns.push(`${before}${inner}${after}`);
  }
}
for (let count = 10; count <= 400; count += 10) {
  patterns.push(`a.{${count}}#`, `(?:a|b)*a(?:a|b){${count}}#`, `a[ab]{0,${count}}#`);
}
for (let count = 5; count <= 50; count += 5)
  patterns.push(`${'(a|b|ab)*'.repeat(4)}a{${count}}c`, `(a{1,${count}}b?){3}!`);
for (let count = 2; count <= 12; count += 2) patterns.push(`${'.*a'.repeat(count)}#`, `${'[^c]*?b'.repeat(count)}c`);
patterns.push('^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)(.*)(.*)(.*)[^a]$', '^(.*?,){11}P', '(?:.*?){9}=', '(?s)(.*)*x!');

const words = Int32Array.from({ length: 16 }, (_, word) => 0x2545_f491 >>> word);
const masks = Int32Array.from({ length: 16 }, (_, word) => ~(1 << word));

/** Milliseconds for work of the kind that an automaton does, whatever ours is like: 16 words shifted and masked, 64 Ki times. */
function plainWork(): number {
  const begun = performance.now();
  for (let at = 0; at < size; at++) {
    let carry = 1;
    for (let word = 0; word < words.length; word++) {
      const bits = words[word]!;
      words[word] = ((bits << 1) | carry) & masks[word]!;
      carry = bits >>> 31;
    }
  }
  return performance.now() - begun;
}

/** What that takes where the limits are meant. */
const usual = 1.3;
/** Nothing else runs here: what a pattern takes, the event loop waits for. */
const mostMilliseconds = 20;

const texts = [noise('ab', 7), 'a'.repeat(size), noise('ab \n', 11), `${'a'.repeat(size - 1)}!`];
const slow: object[] = [];
let tried = 0;
for (const pattern of patterns) {
  let regex: ReturnType<typeof compileRegex>;
  try {
    regex = compileRegex(pattern);
  } catch (error) {
    // Refused when it is saved: no request ever meets it.
    if (error instanceof RegexFault) continue;
    throw error;
  }
  tried += 1;
  for (const text of texts) {
    let best = { passed: Number.POSITIVE_INFINITY, slowness: 1 };
    const isSlow = () => best.passed >= mostMilliseconds * best.slowness;
    // Other work on the machine must not count, nor that its speed is half of what it was a moment ago.
    for (let round = 0; round < 16 && isSlow(); round++) {
      const before = plainWork();
      const begun = performance.now();
      regex.test(text);
      best = { passed: performance.now() - begun, slowness: Math.max(1, Math.min(before, plainWork()) / usual) };
    }
    if (isSlow()) slow.push({ pattern, text: text.slice(0, 4), ...best });
  }
}
console.log(JSON.stringify({ tried, slow }));
