/** The published protocol compliance cases, in both directions; every case that does not hold is listed with its reason. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decode, encode, encodeFault, identify, inflate, loadService, needsBody } from './index.ts';
import { httpRequest } from './loopback.fixture.ts';
import {
  fromCaseNotation,
  inCaseNotation,
  type ProtocolCase,
  type Suite,
  sourceOf,
  suites,
} from './protocol-cases.fixture.ts';
import { formatDateTime } from './timestamp.ts';
import { parseXml, type XmlElement } from './xml/parse.ts';

const inputs = [
  'json.json',
  'json_1_0.json',
  'json_1_0-query-compatible.json',
  'query.json',
  'rest-json.json',
  'smithy-rpc-v2-cbor.json',
  'smithy-rpc-v2-cbor-query-compatible.json',
];
const outputs = ['json.json', 'query.json'];

/** Cases that do not hold here, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  QueryEmptyQueryMaps: 'an empty map is not on the wire, so the server sees none',
  RestJsonHttpPrefixHeadersAreNotPresent: 'an empty map is not on the wire, so the server sees none',
  RestJsonOmitsEmptyListQueryValues: 'empty lists are not on the wire, so the server sees none',
  RestJsonNullAndEmptyHeaders: 'empty headers are read as absent ones',
  RestJsonQueryPrecedence: "which value wins is the client's choice; the server sees the winner",
  RestJsonQueryParamsStringListMap:
    'the server sees every parameter of the query in the map, as the Smithy specification says',
  RestJsonHttpWithEmptyStructurePayload: 'a structure sent as {} is an empty structure, not an absent one',
  RestJsonHttpWithHeadersButNoPayload: 'a structure sent as {} is an empty structure, not an absent one',
  'out:handles_unexpected_json_output': 'members that the model does not have are never written',
  'out:AwsJson11DeserializeIgnoreType': '__type is written into errors only',
};

/** Tokens that the client of a case makes up when it is given none. */
const autofilled: Readonly<Record<string, object>> = {
  QueryProtocolIdempotencyTokenAutoFill: { token: '00000000-0000-4000-8000-000000000000' },
  RestJsonQueryIdempotencyTokenAutoFill: { token: '00000000-0000-4000-8000-000000000000' },
};

async function decoded(suite: Suite, { serialized, given, params }: ProtocolCase): Promise<unknown> {
  const { method, uri, headers = {}, host } = serialized!;
  const protocol = suite.metadata.protocol;
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  // Cases about hosts leave the other headers out.
  if (host) lower.host = host;
  if (protocol === 'json') lower['x-amz-target'] ??= `${suite.metadata.targetPrefix}.${given.name}`;
  const prefix = suite.clientEndpoint ? new URL(suite.clientEndpoint).pathname : '/';
  const target = prefix !== '/' && uri.startsWith(prefix) ? `/${uri.slice(prefix.length).replace(/^\//, '')}` : uri;
  const gzip = lower['content-encoding']?.includes('gzip') ?? false;
  const body = gzip ? compressible(protocol, given.name, params!) : (serialized!.body ?? '');
  const plain = new Uint8Array(Buffer.from(body, protocol === 'smithy-rpc-v2-cbor' ? 'base64' : 'utf8'));
  const { request } = httpRequest(method, target, lower);
  const hints = { signingName: 'test' };
  const sent = gzip ? new Uint8Array(gzipSync(plain)) : plain;
  const identified = await identify(request, [sourceOf(suite)], hints, needsBody(request, hints) ? sent : undefined);
  expect(identified.operation.name).toBe(given.name);
  return inCaseNotation(decode(identified, request, gzip ? await inflate(sent, 1 << 20) : sent));
}

/** The cases about compression leave the body to whoever runs them. */
function compressible(protocol: string, operation: string, params: Record<string, unknown>): string {
  if (protocol !== 'query') return JSON.stringify(params);
  const pairs = Object.entries(params).map(([name, value]) => `&${name}=${encodeURIComponent(String(value))}`);
  return `Action=${operation}&Version=2020-01-08${pairs.join('')}`;
}

/** Null and absent are the same to a server. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, key === 'sparseStringMap' ? item : withoutNulls(item)]),
  );
}

for (const file of inputs) {
  const found = suites(`input/${file}`);
  describe.skipIf(!found)(`requests: ${file}${found ? '' : ' (the corpora are missing)'}`, () => {
    for (const suite of found ?? []) {
      for (const one of suite.cases) {
        const reason = exceptions[one.id];
        it.skipIf(reason)(`${one.id}${reason ? `: ${reason}` : ''}`, async () => {
          expect(await decoded(suite, one)).toEqual({ ...autofilled[one.id], ...(withoutNulls(one.params) as object) });
        });
      }
    }
  });
}

/** An element as data: children in any order, text only where there are no children. */
function canonical(element: XmlElement): unknown {
  const children = element.children.map(canonical).map((child) => JSON.stringify(child));
  return children.length > 0 ? [element.name, children.sort()] : [element.name, element.text.trim()];
}

for (const file of outputs) {
  const found = suites(`output/${file}`);
  describe.skipIf(!found)(`responses: ${file}${found ? '' : ' (the corpora are missing)'}`, () => {
    for (const suite of found ?? []) {
      for (const one of suite.cases) {
        const reason = exceptions[`out:${one.id}`];
        it.skipIf(reason)(`${one.id}${reason ? `: ${reason}` : ''}`, async () => {
          const source = sourceOf(suite);
          const service = await loadService(source);
          const operation = service.operations.get(one.given.name)!;
          const protocol = source.protocols[0]!;
          const identified = { service, operation, protocol, labels: new Map<string, string>() };
          const error = one.errorCode !== undefined ? service.error(one.errorCode) : undefined;
          if (one.errorCode !== undefined) expect(error, one.errorCode).toBeDefined();
          const response = error
            ? encodeFault(
                { identified, protocol },
                {
                  code: one.errorCode!,
                  message: one.errorMessage ?? '',
                  members: fromCaseNotation(error.shape, one.error ?? {}) as Record<string, unknown>,
                },
                'foo-id',
              )
            : encode(identified, fromCaseNotation(operation.output, one.result ?? {}) as object, 'foo-id');
          expect(response.status).toBe(one.response!.status_code);
          expectSameBody(protocol === 'awsQuery', String(response.body), one);
        });
      }
    }
  });
}

/** Times with an offset, which are never written here, as the same times in UTC. */
function inUtc(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/g, (time) => formatDateTime(new Date(time)));
}

function expectSameBody(xml: boolean, body: string, { response, errorCode, given }: ProtocolCase): void {
  const wanted = inUtc(response!.body ?? '');
  if (xml) {
    const bare = (text: string) =>
      canonical(
        parseXml(
          new TextEncoder().encode(
            text.replace(/<ResponseMetadata>[\s\S]*<\/ResponseMetadata>|<RequestId>[^<]*<\/RequestId>/g, ''),
          ),
        ),
      );
    const nothing = `<${given.name}Response>${body.includes('Result>') ? `<${given.name}Result/>` : ''}</${given.name}Response>`;
    expect(bare(body)).toEqual(bare(wanted || nothing));
    return;
  }
  const parse = (text: string) => (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const { __type, ...mine } = parse(body);
  const { __type: type, code, ...theirs } = parse(wanted);
  expect(mine).toEqual(withoutNulls(theirs));
  if (errorCode === undefined) return;
  // The cases put the code in each of the places where clients look: ours is `__type`.
  const said = String(
    type ?? code ?? Object.entries(response!.headers ?? {}).find(([name]) => /errortype/i.test(name))?.[1],
  );
  expect(__type).toBe(said.replace(/^.*#/, '').replace(/:.*$/, ''));
}

it('looked at every case there is', () => {
  const count = (files: readonly string[], folder: string) =>
    files.flatMap((file) => suites(`${folder}/${file}`) ?? []).reduce((sum, suite) => sum + suite.cases.length, 0);
  const total = count(inputs, 'input') + count(outputs, 'output');
  if (total > 0) expect([total, Object.keys(exceptions).length / total < 0.03]).toEqual([339, true]);
});
