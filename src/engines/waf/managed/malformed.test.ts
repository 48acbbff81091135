/** Requests that are not HTTP: each blocked by its rule, and their ordinary neighbours pass. */
import { describe, expect, it } from 'vitest';
import { inspect } from '../inspect.ts';
import type { HttpRequest } from '../request.ts';
import { createWafState } from '../state.ts';
import { request } from '../waf.fixture.ts';
import { webAclOf } from './managed.fixture.ts';

const webAcl = webAclOf(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet']);

const browser: readonly (readonly [string, string])[] = [
  ['Host', 'shop.example'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
];

type Over = Omit<Partial<HttpRequest>, 'body'> & { readonly body?: string };

/** The rule that blocks. */
function blocking(over: Over): string | undefined {
  const verdict = inspect(webAcl, request(over as Parameters<typeof request>[0]), createWafState(), 0);
  expect(verdict.failure).toBeUndefined();
  return verdict.ruleGroupList.find((group) => group.terminatingRule !== undefined)?.terminatingRule?.ruleId;
}

const withHeader = (name: string, value: string, over: Over = {}) =>
  blocking({ ...over, headers: [...browser.filter(([each]) => each.toLowerCase() !== name), [name, value]] });

describe('headers that no honest client sends', () => {
  it.each([
    ['request-range', 'bytes=0-5'],
    ['range', `bytes=${Array.from({ length: 40 }, (_, index) => `${index}-${index}`).join(',')}`],
    ['range', 'bytes=9-3, 5-6'],
    ['proxy', 'http://e.example'],
    ['content-range', 'bytes 0-4/9'],
    ['if', 'x'],
    ['lock-token', 'x'],
    ['content-type', 'text/plain; charset=utf-8; charset=utf-7'],
    ['content-type', 'text/plain; charset=ibm037'],
    ['content-type', 'multipart/form-data; boundary=a; boundary=b'],
    ['content-type', 'multipart/form-data; boundary=  a'],
    ['content-type', 'text plain'],
    ['accept-encoding', 'q'.repeat(200)],
    ['content-length', '5x'],
    ['transfer-encoding', 'xchunked'],
    ['transfer-encoding', 'chunked'],
    ['host', 'shop.example/x'],
    ['authorization', 'Bearer abc=def'],
    ['cookie', '$Version=1; a="b; SID=c; d=e"'],
    ['user-agent', 'ansible-vault view x'],
    ['referer', 'env --help'],
  ])('%s: %s', (name, value) => {
    expect(withHeader(name, value)).toBe('UserAgent_BadBots_HEADER');
  });

  it('two lengths of one body', () => {
    const headers = [...browser, ['Content-Length', '3'], ['Transfer-Encoding', 'chunked']] as const;
    expect(blocking({ method: 'POST', headers, body: 'a=b' })).toBe('UserAgent_BadBots_HEADER');
  });

  it.each([
    ['range', 'bytes=0-499, 600-699, -5'],
    ['range', 'bytes=500-'],
    ['content-type', 'application/json; charset=UTF-8'],
    ['content-type', 'text/html;charset=GBK'],
    ['content-type', 'multipart/form-data; boundary="a b"'],
    ['content-type', 'application/vnd.api+json; ext="https://shop.example/a"'],
    ['accept-encoding', 'gzip, deflate, br, zstd;q=0.5'],
    ['host', 'xn--bcher-kva.example:8443'],
    ['host', '[2001:db8::1]:80'],
    ['authorization', 'Bearer eyJh.eyJi.c-_x=='],
    ['cookie', 'a=b; c="d e"'],
    ['referer', 'https://shop.example/a?q=b c'],
    ['if', '(<urn:uuid:1>)'],
    ['user-agent', 'curl/8.5.0'],
  ])('lets %s: %s pass', (name, value) => {
    expect(withHeader(name, value)).toBeUndefined();
  });

  it('lets a chunked body and a part of an upload pass', () => {
    expect(withHeader('transfer-encoding', 'chunked', { method: 'POST' })).toBeUndefined();
    expect(withHeader('content-range', 'bytes 0-9/20', { method: 'PUT' })).toBeUndefined();
  });
});

describe('methods', () => {
  it.each(['TRACE', 'TRACK', 'DEBUG', 'BREW'])('%s', (method) => {
    expect(blocking({ method, headers: browser })).toBe('PROPFIND_METHOD');
  });
  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'REPORT'])('lets %s pass', (method) => {
    expect(blocking({ method, headers: browser })).toBeUndefined();
  });
});

describe('parts of forms', () => {
  const part = (head: string, content = 'hello') =>
    blocking({
      method: 'POST',
      headers: [...browser, ['Content-Type', 'multipart/form-data; boundary=edge']],
      body: `--edge\r\n${head}\r\n\r\n${content}\r\n--edge--\r\n`,
    });

  it.each([
    'Content-Disposition: form-data; name="a;b"',
    'Content-Disposition: form-data; name="a=b"',
    'Content-Disposition: form-data; name="a\'b"; filename="c.txt"',
    'Content-Disposition: form-data; name="a"; filename="b;c.txt"',
    'Content-Disposition: form-data; name="a"; filename="b\\"c.txt"',
    'Content-Disposition: form-data; name="a"; name="b"',
    'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=utf-7',
    'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64',
  ])('%s', (head) => {
    expect(part(head)).toBe('GenericLFI_BODY');
  });

  it('a character set that there is not', () => {
    expect(part('Content-Disposition: form-data; name="_charset_"', 'utf-')).toBe('GenericLFI_BODY');
    expect(part('Content-Disposition: form-data; name="_charset_"', 'utf-8')).toBeUndefined();
  });

  it.each([
    'Content-Disposition: form-data; name="items[0][name]"',
    'Content-Disposition: form-data; name="a"; filename="watch?v=x.mp4"\r\nContent-Type: video/mp4',
    'Content-Disposition: form-data; name="a"; filename="Ann\'s photo (2).jpg"',
    'Content-Disposition: form-data; name="a"; filename="&#8222;x&#8220;.txt"',
    'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: 8bit',
    'Content-Disposition: form-data; name="a"; filename="b.txt"; filename*=UTF-8\'\'b.txt',
  ])('lets %s pass', (head) => {
    expect(part(head)).toBeUndefined();
  });
});

describe('sessions that another site lends', () => {
  const send = (body: string, type: string, ...headers: readonly (readonly [string, string])[]) =>
    blocking({ method: 'POST', headers: [...browser, ['Content-Type', type], ...headers], body });

  it('in a form or JSON', () => {
    const elsewhere = ['Referer', 'https://e.example/'] as const;
    expect(send('a=b&PHPSESSID=x', 'application/x-www-form-urlencoded', elsewhere)).toBe('CrossSiteScripting_BODY');
    expect(send('{"sessionid": "x"}', 'application/json', elsewhere)).toBe('CrossSiteScripting_BODY');
    expect(send('{"jsessionid":"x"}', 'application/json')).toBe('CrossSiteScripting_BODY');
  });

  it('lets a site’s own, and those of programs, pass', () => {
    expect(
      send('PHPSESSID=x', 'application/x-www-form-urlencoded', ['Referer', 'https://shop.example/']),
    ).toBeUndefined();
    expect(send('{"sessionid": "x"}', 'application/json')).toBeUndefined();
    expect(
      send('{"sessionid": "x"}', 'application/json', ['Referer', 'https://e.example/'], ['Sec-Fetch-Mode', 'cors']),
    ).toBeUndefined();
  });
});
