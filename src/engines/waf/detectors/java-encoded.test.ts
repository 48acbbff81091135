/** Names of classes within Base64: at every place of the bytes, cut anywhere, and nothing else. */
import { describe, expect, it } from 'vitest';
import { java } from './java.ts';
import { encodedClass, mayNameClass } from './java-encoded.ts';

const encoded = (text: string): string => Buffer.from(text, 'latin1').toString('base64').replace(/=+$/, '');
const classes = ['InvokerTransformer', 'WhileClosure', 'TemplatesImpl', 'ProcessBuilder', 'java.lang.Runtime'];

describe('names of Java’s classes within Base64', () => {
  it.each(classes)('%s is found behind any number of bytes', (name) => {
    for (let before = 0; before < 80; before++) {
      const text = encoded(`${'\x05\xf7q'.repeat(30).slice(0, before)}${name}\x02\0\x01x`);
      expect(mayNameClass(text), `${before}`).toBe(true);
      expect(encodedClass(text)?.toLowerCase(), `${before}`).toContain(name.toLowerCase());
    }
  });

  it('is found where the beginning was cut off within a group of digits', () => {
    const text = encoded('ab\x05InstantiateFactory');
    for (const cut of [0, 1, 2, 3, 4]) expect(java(text.slice(cut))?.reason).toMatch(/InstantiateFactory/);
  });

  it('lets ordinary words and programs pass, encoded or not', () => {
    const ordinary = [
      encoded('{"runtime":"node","transformer":"babel"}'),
      encoded('the factory closed; a closure, an error at runtime'),
      encoded('process.builder(map).closure()'),
      'factory',
      'runtimeEnvironmentsOfOurs',
      'transformerStation-17',
      'x'.repeat(500),
    ];
    expect(ordinary.filter((text) => java(text) !== undefined)).toEqual([]);
  });
});
