/**
 * Every operation with pages of the services below, without naming them: an invented token is refused, and where the list has several members, pages of
 * the smallest size join to the whole.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService, type OperationModel } from '../../src/wire/index.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { minimalInput } from '../support/minimal-input.ts';
import { pagedEverywhere, pageToken } from '../support/pages.ts';
import { seedLists } from '../support/seed-lists.ts';

type Output = Readonly<Record<string, unknown>>;
type Sdk = Readonly<Record<string, new (input: object) => unknown>>;

/** Without registered hosts it says so, whatever else it is asked. */
const untried = new Set(['ec2:DescribeInstances']);

let instance: TestInstance;
/** What operations need to find lists, by `service:Operation`. */
let inputs: Readonly<Record<string, object>> = {};
const seen: string[] = [];

beforeAll(async () => {
  instance = await startInstance();
  inputs = await seedLists(instance.clientOptions());
}, 60_000);
afterAll(() => instance.stop());

for (const service of pagedEverywhere) {
  describe(service, async () => {
    const source = sources.find(({ name }) => name === service);
    if (!source) throw new Error(`no source ${service}`);
    const sdk = (await source.load()) as unknown as Sdk;
    const { operations } = await loadService(source);
    const built = [...(builtOperations().get(service) ?? [])].filter((name) => pageToken(operations.get(name)));

    const send = async (name: string, input: object): Promise<Output> => {
      const Client = Object.entries(sdk).find(([key]) => /^[A-Z]\w+Client$/.test(key))?.[1];
      const Command = sdk[`${name}Command`];
      if (!Client || !Command) throw new Error(`no command ${service}:${name}`);
      const client = new Client(instance.clientOptions()) as { send(command: unknown): Promise<Output> };
      return client.send(new Command(input));
    };

    test.each(built)('%s', async (name) => {
      const operation = operations.get(name) as OperationModel;
      const token = pageToken(operation) as string;
      const input = { ...minimalInput(operation.input), ...inputs[`${service}:${name}`] };
      if (!untried.has(`${service}:${name}`)) {
        const error = await send(name, { ...input, [token]: 'AAAAaW52ZW50ZWQ' }).catch((reason: Error) => reason);
        expect(error, `${name} takes an invented token`).toBeInstanceOf(Error);
        expect((error as Error).name).not.toMatch(/AccessDenied|UnauthorizedOperation|NotImplemented|InternalFailure/);
      }
      const whole = await send(name, input).catch(() => undefined);
      const list = whole && listOf(whole);
      const limit = operation.input.members.find((one) =>
        /^(max(results|items|records|datapoints)|limit|pagesize)$/i.test(one.name),
      );
      if (!list || list.members.length < 2 || !limit) return;
      seen.push(`${service}:${name}`);
      const size = Math.max(service === 'ec2' ? 5 : 1, limit.constraint?.min ?? 1);
      const joined: string[] = [];
      let next: Output = {};
      for (let page = 0; page < 500; page += 1) {
        const output: Output = await send(name, { ...input, [limit.name]: size, ...next });
        const members = (output[list.name] ?? []) as unknown[];
        expect(members.length).toBeLessThanOrEqual(size);
        joined.push(...members.map((member) => JSON.stringify(member)));
        const given = answeredToken(output);
        // Logs end with the token that they were given.
        if (given === undefined || given === next[token]) break;
        next = { [token]: given };
      }
      expect([...joined].sort()).toEqual(list.members.map((member) => JSON.stringify(member)).sort());
    });
  });
}

test('pages of enough lists were joined for this to tell something', () => {
  expect(seen.length).toBeGreaterThan(20);
});

function answeredToken(output: Output): string | undefined {
  const found = ['NextToken', 'nextToken', 'nextForwardToken', 'NextMarker', 'Marker']
    .map((name) => output[name])
    .find(Boolean);
  const inner = Object.values(output).find((one) => typeof one === 'object' && one !== null && 'NextMarker' in one);
  return (found ?? (inner as Output | undefined)?.NextMarker) as string | undefined;
}

function listOf(output: Output): { name: string; members: unknown[] } | undefined {
  for (const [name, value] of Object.entries(output)) {
    if (Array.isArray(value) && value.length > 0) return { name, members: value };
  }
  return undefined;
}
