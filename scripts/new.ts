/** `npm run new operation iam:GetUser`: a declaration and a contract test that fail until both are filled in. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { sources } from '../src/instance/sources.ts';
import { knownActions } from '../src/models/actions.ts';

const [kind, name = ''] = process.argv.slice(2);
const [service = '', operation = ''] = name.split(':');
const source = sources.find((one) => one.name === service);
if (kind !== 'operation' || !source || !/^[A-Z][A-Za-z0-9]*$/.test(operation)) {
  console.error(
    `Usage: npm run new operation SERVICE:Operation   (services: ${sources.map((one) => one.name).join(', ')})`,
  );
  process.exit(2);
}
const model = await source.load();
if (!(`${operation}$` in model)) {
  console.error(`The API model of ${service} has no operation ${operation}.`);
  process.exit(2);
}

const root = new URL('../', import.meta.url);
const kebab = operation.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
const declaration = new URL(`src/services/${service}/operations/${kebab}.ts`, root);
const contract = new URL(`test/contract/${service}-${kebab}.test.ts`, root);
for (const file of [declaration, contract]) {
  if (existsSync(file)) {
    console.error(`${file.pathname} exists already.`);
    process.exit(1);
  }
}

const action = knownActions(service)?.get(operation.toLowerCase());
const hint = action
  ? `The service authorization reference has the action ${service}:${action}.`
  : 'The service authorization reference has no action of this name: look up which ones authorize it.';
const sdk = `@aws-sdk/client-${service}`;
await mkdir(new URL('.', declaration), { recursive: true });
await writeFile(
  declaration,
  `/** ${operation}: say in one sentence what it does. */
import type { ${operation}CommandInput, ${operation}CommandOutput } from '${sdk}';
import { operation } from '../../service.ts';

// ${hint}
export const ${operation} = operation<${operation}CommandInput, ${operation}CommandOutput>({
  checks: [],
  handle: undefined,
});
`,
);
await writeFile(
  contract,
  `import { ${operation}Command } from '${sdk}';
import { describe, it } from 'vitest';

describe('${service}:${operation}', () => {
  it('answers', () => {
    throw new Error('Call ${operation}Command.name = ' + ${operation}Command.name + ' on a running instance and look at the answer.');
  });

  it('refuses with the modelled error', () => {
    throw new Error('Make ${operation} fail as its model says, and compare code, status and text.');
  });
});
`,
);
const index = new URL(`src/services/${service}/index.ts`, root);
const table = existsSync(index) ? await readFile(index, 'utf8') : '';
console.log(
  `Wrote ${declaration.pathname.slice(root.pathname.length)} and ${contract.pathname.slice(root.pathname.length)}.`,
);
if (!table.includes(operation)) console.log(`Next: add ${operation} to the table in src/services/${service}/index.ts.`);
