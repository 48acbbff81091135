/** `npm run test:clients`: real clients of this machine against instances of Bailey; exit code 0 only if nothing failed. */
import { ansible } from '../test/clients/ansible/index.ts';
import { awsClis } from '../test/clients/aws-cli/index.ts';
import { withBench } from '../test/clients/bench.ts';
import { boto3s } from '../test/clients/boto3/index.ts';
import type { Client } from '../test/clients/client.ts';
import { endCommands } from '../test/clients/command.ts';
import { Ledger } from '../test/clients/ledger.ts';
import { terraform } from '../test/clients/terraform/index.ts';

const most = 175;
const lanes = 3;
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());

const ledger = new Ledger();
let late = false;
const deadline = setTimeout(() => {
  late = true;
  ledger.failed('all clients', `are not done after ${most} seconds`);
  endCommands();
}, most * 1000);

const found = (await Promise.all([awsClis(), boto3s(), ansible(), terraform()])).flat();
const clients = found.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);

async function runOne(client: Client): Promise<void> {
  if (!client.run) {
    ledger.skipped(client.name, client.missing ?? 'is not here');
    return;
  }
  try {
    await withBench(client.name, ledger, client.run);
  } catch (error) {
    ledger.failed(client.name, error instanceof Error ? error.message : String(error));
  }
}

const queue = [...clients];
async function lane(): Promise<void> {
  for (let client = queue.shift(); client && !late; client = queue.shift()) await runOne(client);
}
await Promise.all(Array.from({ length: lanes }, lane));
clearTimeout(deadline);

const { passed, failed, skipped } = ledger.counts;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
