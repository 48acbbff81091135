/**
 * `npm run test:clients [-- NAME …]`: real clients of this machine against instances of Bailey; exit code 0 only if
 * nothing failed. On a machine that is busy with other things, TEST_CLIENTS_SECONDS gives it more than fifteen minutes.
 */
import { availableParallelism } from 'node:os';
import { ansible } from '../test/clients/ansible/index.ts';
import { awsClis } from '../test/clients/aws-cli/index.ts';
import { withBench } from '../test/clients/bench.ts';
import { boto3s } from '../test/clients/boto3/index.ts';
import type { Client } from '../test/clients/client.ts';
import { endCommands } from '../test/clients/command.ts';
import { Ledger } from '../test/clients/ledger.ts';
import { terraform } from '../test/clients/terraform/index.ts';

const most = Number(process.env.TEST_CLIENTS_SECONDS ?? 900);
const lanes = availableParallelism() + 1;
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());

const ledger = new Ledger();
let late = false;
const deadline = setTimeout(() => {
  late = true;
  ledger.failed('all clients', `are not done after ${most} seconds`);
  endCommands();
}, most * 1000);

const found = (await Promise.all([terraform(), ansible(), awsClis(), boto3s()])).flat();
const clients = found.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);

async function runOne(client: Client): Promise<void> {
  if (!client.run) {
    ledger.skipped(client.name, client.missing ?? 'is not here');
    return;
  }
  try {
    const started = performance.now();
    await withBench(client.name, ledger, client.run);
    console.log(`  ${client.name} took ${((performance.now() - started) / 1000).toFixed(0)} s`);
  } catch (error) {
    ledger.failed(client.name, error instanceof Error ? error.message : String(error));
  }
}

const queue = [...clients];
async function lane(): Promise<void> {
  for (let client = queue.shift(); client; client = queue.shift()) {
    if (late) ledger.failed(client.name, 'was not reached in time');
    else await runOne(client);
  }
}
await Promise.all(Array.from({ length: lanes }, lane));
clearTimeout(deadline);

const { passed, failed, skipped } = ledger.counts;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
