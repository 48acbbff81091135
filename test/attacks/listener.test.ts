/** Attacks on the listener itself: forged proxy headers, too much of everything, and web pages that drive what is not theirs. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../../src/wire/signing/index.ts';
import type { HttpRequest } from '../../src/wire/types.ts';
import { nobodyKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';

const fromOffice = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iam:ListUsers',
      Resource: '*',
      Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    },
    { Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
  ],
};

function config(trustedProxies: string[]) {
  const [first, ...others] = testConfig.accounts ?? [];
  if (!first) throw new Error('the test configuration has no account');
  const users = (first.users ?? []).map((user) =>
    user.name === 'nobody'
      ? { ...user, inlinePolicies: [{ name: 'office', document: JSON.stringify(fromOffice) }] }
      : user,
  );
  return { ...testConfig, trustedProxies, accounts: [{ ...first, users }, ...others] };
}

/** Sends pieces one after the other on one connection, and gathers what comes until it ends. */
function talk(instance: TestInstance, pieces: readonly (string | Uint8Array)[], pause = 20): Promise<string> {
  const { hostname, port } = new URL(instance.endpoint);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.setNoDelay(true);
    void (async () => {
      for (const piece of pieces) {
        if (!socket.writable) return;
        await new Promise<void>((done) => socket.write(piece, () => done()));
        await new Promise((done) => setTimeout(done, pause));
      }
    })();
  });
}

function call(instance: TestInstance, action: string, more: Record<string, string> = {}): Buffer {
  const body = `Action=${action}&Version=2010-05-08`;
  const plain: HttpRequest = {
    method: 'POST',
    path: '/',
    query: '',
    headers: Object.assign(Object.create(null), {
      host: new URL(instance.endpoint).host,
      'content-type': 'application/x-www-form-urlencoded',
    }),
    repeated: [],
  };
  const { headers } = sign(
    plain,
    { accessKeyId: nobodyKeys.accessKeyId, secret: nobodyKeys.secretAccessKey },
    { region: 'us-east-1', service: 'iam', time: Date.now(), body },
  );
  const lines = Object.entries({ ...headers, ...more, 'content-length': String(body.length), connection: 'close' });
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}

const mark = '0d0a0d0a000d0a515549540a';
const office = Buffer.from(`${mark}2111000ccb007109c6336401dc0401bb`, 'hex');
const elsewhere = Buffer.from(`${mark}2111000c08080808c6336401dc0401bb`, 'hex');
const officeByTls = Buffer.from(`${mark}21110014cb007109c6336401dc0401bb2000050100000000`, 'hex');
const line = Buffer.from('PROXY TCP4 203.0.113.9 198.51.100.1 56324 443\r\n');
const status = (answer: string) => answer.split(' ')[1] ?? 'cut';

describe('PROXY protocol from a trusted peer', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance(config(['127.0.0.1']));
  });
  afterAll(() => instance.stop());

  it('says where the caller is, in both versions', async () => {
    expect(status(await talk(instance, [call(instance, 'ListUsers')]))).toBe('403');
    for (const header of [office, officeByTls, line]) {
      expect(status(await talk(instance, [Buffer.concat([header, call(instance, 'ListUsers')])]))).toBe('200');
    }
    expect(status(await talk(instance, [Buffer.concat([elsewhere, call(instance, 'ListUsers')])]))).toBe('403');
  });

  it('says whether the caller came by TLS', async () => {
    expect(status(await talk(instance, [Buffer.concat([officeByTls, call(instance, 'ListRoles')])]))).toBe('200');
    expect(status(await talk(instance, [Buffer.concat([office, call(instance, 'ListRoles')])]))).toBe('403');
  });

  it('is understood however its bytes are cut', async () => {
    const whole = Buffer.concat([officeByTls, call(instance, 'ListUsers')]);
    const bytes = [...officeByTls].map((byte) => Uint8Array.of(byte));
    expect(status(await talk(instance, [...bytes, whole.subarray(officeByTls.length)], 2))).toBe('200');
    expect(status(await talk(instance, [whole.subarray(0, 30), whole.subarray(30, 300), whole.subarray(300)]))).toBe(
      '200',
    );
  });

  it('policy trap 9, attack: forwarding headers that came through the proxy are the client’s own words', async () => {
    const forged = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    expect(status(await talk(instance, [Buffer.concat([elsewhere, call(instance, 'ListUsers', forged)])]))).toBe('403');
    expect(status(await talk(instance, [Buffer.concat([elsewhere, call(instance, 'ListRoles', forged)])]))).toBe('403');
    // Without a header the peer speaks HTTP, and these are its words.
    expect(status(await talk(instance, [call(instance, 'ListUsers', forged)]))).toBe('200');
    expect(status(await talk(instance, [call(instance, 'ListRoles', forged)]))).toBe('200');
  });

  it('attack: a second header, sent by the client, is a malformed request', async () => {
    for (const second of [office, line]) {
      const answer = await talk(instance, [Buffer.concat([elsewhere, second, call(instance, 'ListUsers')])]);
      expect(status(answer)).toBe('400');
    }
  });

  it('attack: a malformed header ends the connection', async () => {
    for (const bad of [
      'PROXY TCP4 203.0.113.9\r\n',
      Buffer.from(`${mark}2131000c`, 'hex'),
      `PROXY ${'x'.repeat(200)}`,
    ]) {
      expect(await talk(instance, [bad, call(instance, 'ListUsers')])).toBe('');
    }
  });

  it('a connection that never says anything does not hold up the end of the instance', async () => {
    const other = await startInstance(config(['127.0.0.1']));
    const silent = talk(other, ['PROXY TC']);
    const before = performance.now();
    await new Promise((done) => setTimeout(done, 100));
    await other.stop();
    expect(await silent).toBe('');
    expect(performance.now() - before).toBeLessThan(4_000);
  });
});

describe('everybody else', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance(config([]));
  });
  afterAll(() => instance.stop());

  it('policy trap 9, attack: a forged PROXY header is a malformed request', async () => {
    for (const header of [office, officeByTls, line]) {
      expect(status(await talk(instance, [Buffer.concat([header, call(instance, 'ListUsers')])]))).toBe('400');
    }
    expect(status(await talk(instance, [call(instance, 'ListUsers', { 'x-forwarded-for': '203.0.113.9' })]))).toBe(
      '403',
    );
  });

  it('attack: too many headers are refused, not dropped', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`a${i}`, '1']));
    expect(status(await talk(instance, [call(instance, 'ListUsers', many)]))).toBe('431');
    expect(status(await talk(instance, [call(instance, 'ListUsers', { long: 'x'.repeat(40_000) })]))).toBe('431');
  });

  it('attack: web pages can drive neither the test API by its address nor by a name that they made point here', async () => {
    const { host, port } = new URL(instance.endpoint);
    const body = '{"advanceSeconds":5}';
    const post = (headers: string) =>
      talk(instance, [
        `POST /_bailey/clock HTTP/1.1\r\n${headers}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      ]);
    expect(status(await post(`Host: ${host}\r\n`))).toBe('200');
    expect(status(await post(`Host: localhost:${port}\r\n`))).toBe('200');
    expect(status(await post(`Host: [::1]:${port}\r\n`))).toBe('200');
    for (const page of [
      'Origin: https://evil.example',
      'Origin: null',
      'Sec-Fetch-Site: same-origin',
      'Referer: http://localhost/',
    ]) {
      expect(status(await post(`Host: ${host}\r\n${page}\r\n`)), page).toBe('403');
    }
    for (const name of ['evil.example', `localhost.evil.example:${port}`, '127.0.0.1.evil.example', '']) {
      expect(Number(status(await post(`Host: ${name}\r\n`))), name).toBeGreaterThanOrEqual(400);
    }
    const reset = await talk(instance, [
      `POST /_bailey/reset HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    ]);
    expect(Number(status(reset))).toBeGreaterThanOrEqual(400);
  });

  it('attack: crooked requests are refused one by one, and the next caller is answered', async () => {
    const { host } = new URL(instance.endpoint);
    const end = 'Connection: close\r\n\r\n';
    const form = 'Action=AssumeRole&Version=2011-06-15';
    const crooked: [name: string, bytes: string, wanted: RegExp][] = [
      [
        'another host in the target',
        `GET http://evil.example/no-such-bucket/k HTTP/1.1\r\nHost: ${host}\r\n${end}`,
        /^404$/,
      ],
      ['a target without a path', `GET http://evil.example HTTP/1.1\r\nHost: ${host}\r\n${end}`, /^40[035]$/],
      ['a star', `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n${end}`, /^40[35]$/],
      ['a tunnel', `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n${end}`, /^(cut|40\d)$/],
      ['a trace', `TRACE /bucket/k HTTP/1.1\r\nHost: ${host}\r\nCookie: secret\r\n${end}`, /^40\d$/],
      [
        'an upgrade',
        `GET /no-such-bucket/k HTTP/1.1\r\nHost: ${host}\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n`,
        /^(cut|40\d)$/,
      ],
      ['no host', `GET /no-such-bucket/k HTTP/1.1\r\n${end}`, /^400$/],
      ['two hosts', `GET /no-such-bucket/k HTTP/1.1\r\nHost: ${host}\r\nHost: iam.localhost\r\n${end}`, /^40\d$/],
      [
        'two lengths',
        `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nContent-Length: 4\r\n${end}abcd`,
        /^400$/,
      ],
      [
        'a length and chunks',
        `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n${end}0\r\n\r\n`,
        /^400$/,
      ],
      [
        'chunks twice over',
        `POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked, identity\r\n${end}0\r\n\r\n`,
        /^400$/,
      ],
      ['a space before the colon', `GET /b/k HTTP/1.1\r\nHost : ${host}\r\n${end}`, /^400$/],
      ['a folded header', `GET /b/k HTTP/1.1\r\nHost: ${host}\r\nA: b\r\n c\r\n${end}`, /^40\d$/],
      ['NUL in a header', `GET /b/k HTTP/1.1\r\nHost: ${host}\r\nA: b\0c\r\n${end}`, /^400$/],
      ['an unknown expectation', `PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nExpect: everything\r\n${end}`, /^4\d\d$/],
      [
        'a long chunk extension',
        `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n${end}1;${'x'.repeat(100_000)}\r\nA\r\n0\r\n\r\n`,
        /^(cut|4\d\d)$/,
      ],
      [
        'long trailers',
        `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n${end}0\r\n${'a: b\r\n'.repeat(20_000)}\r\n`,
        /^(cut|4\d\d)$/,
      ],
      [
        'another method in a header',
        `GET /no-such-bucket HTTP/1.1\r\nHost: ${host}\r\nX-HTTP-Method-Override: DELETE\r\n${end}`,
        /^404$/,
      ],
      [
        'an action twice',
        `POST /?${form} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n${end}${form}`,
        /^40\d$/,
      ],
      [
        'a name of the prototype',
        `POST /?Action=constructor&Version=2011-06-15 HTTP/1.1\r\nHost: sts.localhost\r\nContent-Length: 0\r\n${end}`,
        /^40\d$/,
      ],
    ];
    const failures: string[] = [];
    for (const [name, bytes, wanted] of crooked) {
      const answer = await talk(instance, [bytes], 1);
      if (!wanted.test(status(answer)) || answer.includes('secret')) failures.push(`${name}: ${answer.slice(0, 200)}`);
    }
    expect(failures).toEqual([]);
    expect(status(await talk(instance, [call(instance, 'ListUsers')]))).toBe('403');
  });
});
