import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-protocol.ts';

const mark = '0d0a0d0a000d0a515549540a';
const binary = (command: string, kind: string, block: string): Buffer =>
  Buffer.from(mark + command + kind + (block.length / 2).toString(16).padStart(4, '0') + block, 'hex');
const v4 = 'cb007109' + 'c6336401' + 'dc04' + '01bb';
const v6 = '20010db8000000000000000000000001' + '20010db8000000000000000000000002' + 'dc04' + '01bb';
const tls = '20' + '0005' + '01' + '00000000';

const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');

describe('version 2', () => {
  it('reads addresses of both families', () => {
    expect(readProxyHeader(binary('21', '11', v4))).toEqual({ length: 28, source: '203.0.113.9', secure: false });
    expect(readProxyHeader(binary('21', '21', v6))).toEqual({ length: 52, source: '2001:db8::1', secure: false });
  });

  it('reads from its extensions whether the client came by TLS', () => {
    expect(readProxyHeader(binary('21', '11', `${v4}0400020000${tls}`))).toMatchObject({ secure: true });
    expect(readProxyHeader(binary('21', '11', `${v4}2000050000000000`))).toMatchObject({ secure: false });
  });

  it('leaves the proxy its own address when it speaks for itself', () => {
    expect(readProxyHeader(binary('20', '00', ''))).toEqual({ length: 16, secure: false });
    expect(readProxyHeader(binary('20', '11', v4))).toEqual({ length: 28, secure: false });
    expect(readProxyHeader(binary('21', '00', ''))).toEqual({ length: 16, secure: false });
  });

  it.each([
    ['another version', binary('11', '11', v4)],
    ['an unknown command', binary('22', '11', v4)],
    ['datagrams', binary('21', '12', v4)],
    ['sockets of a file system', binary('21', '31', '00'.repeat(216))],
    ['a block too short for its family', binary('21', '21', v4)],
    ['an extension that ends beyond the block', binary('21', '11', `${v4}2000ff01`)],
    ['half an extension', binary('21', '11', `${v4}20`)],
    ['facts of TLS that are cut', binary('21', '11', `${v4}20000101`)],
    ['a block without end', Buffer.from(`${mark}2111ffff`, 'hex')],
  ])('refuses %s', (_name, bytes) => expect(readProxyHeader(bytes)).toBe('malformed'));
});

describe('version 1', () => {
  it('reads addresses of both families', () => {
    expect(readProxyHeader(line('PROXY TCP4 203.0.113.9 198.51.100.1 56324 443'))).toEqual({
      length: 47,
      source: '203.0.113.9',
      secure: false,
    });
    expect(readProxyHeader(line('PROXY TCP6 2001:db8::1 2001:db8::2 1 443'))).toMatchObject({ source: '2001:db8::1' });
    expect(readProxyHeader(line('PROXY UNKNOWN whatever follows'))).toEqual({ length: 32, secure: false });
  });

  it.each([
    'PROXY TCP4 203.0.113.9 198.51.100.1 56324',
    'PROXY TCP4 203.0.113.9 198.51.100.1 56324 443 more',
    'PROXY TCP4 203.0.113.9 198.51.100.1 56324 65536',
    'PROXY TCP4 203.0.113.9 198.51.100.1 -1 443',
    'PROXY TCP4 203.0.113.09 198.51.100.1 1 443',
    'PROXY TCP4 2001:db8::1 2001:db8::2 1 443',
    'PROXY TCP6 203.0.113.9 198.51.100.1 1 443',
    'PROXY TCP6 fe80::1%eth0 fe80::2 1 443',
    'PROXY  TCP4 203.0.113.9 198.51.100.1 1 443',
    'PROXY / HTTP/1.1',
    `PROXY UNKNOWN ${'x'.repeat(108)}`,
  ])('refuses %j', (text) => expect(readProxyHeader(line(text))).toBe('malformed'));
});

it('waits for the whole header, wherever it is cut, and takes no byte of what follows', () => {
  for (const whole of [binary('21', '11', v4 + tls), line('PROXY TCP4 203.0.113.9 198.51.100.1 56324 443')]) {
    for (let cut = 1; cut < whole.length; cut += 1) expect(readProxyHeader(whole.subarray(0, cut))).toBe('more');
    expect(readProxyHeader(Buffer.concat([whole, Buffer.from('GET / HTTP/1.1\r\n')]))).toMatchObject({
      length: whole.length,
      source: '203.0.113.9',
    });
  }
});

it('sees at once that a request is none', () => {
  for (const text of [
    'G',
    'POST / HTTP/1.1\r\n',
    'PROPFIND / HTTP/1.1\r\n',
    '\r\nGET / HTTP/1.1\r\n',
    '\x16\x03\x01',
  ]) {
    expect(readProxyHeader(Buffer.from(text, 'latin1'))).toBe('none');
  }
});

it('ends with an answer for any bytes', () => {
  let state = 7;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = Buffer.concat([
      binary('21', next() % 2 ? '11' : '21', ''),
      Buffer.from(Array.from({ length: next() % 80 }, next)),
    ]);
    bytes.writeUInt16BE(next() % 90, 14);
    if (next() < 40) bytes[12 + (next() % 4)] = next();
    const read = readProxyHeader(bytes);
    if (typeof read === 'object') expect(read.length).toBeLessThanOrEqual(bytes.length);
  }
});
