/**
 * An edge process: carries traffic by the last snapshot it was sent, whether or not there is a control plane.
 * Arguments: the folder of socket and token, its slot among the processes of the node, how
 * many there are, and the address on which this node listens if it is another than the snapshot's.
 */
import { ControlLink } from './control/link.ts';
import type { FromControl } from './control/messages.ts';
import { Dns } from './dns/dns.ts';
import { inspectorMaker } from './inspection/web-acl.ts';
import { EdgeNode } from './node.ts';

const reportEveryMs = 250;

const [folder = '', slot = '0', count = '1', bindAddress] = process.argv.slice(2);
if (folder === '') {
  console.error('usage: process.ts FOLDER SLOT COUNT [ADDRESS]');
  process.exit(2);
}

const node = new EdgeNode({
  now: Date.now,
  random: Math.random,
  reusesPorts: Number(count) > 1 && process.platform === 'linux',
  inspectorFor: inspectorMaker(),
  ...(bindAddress !== undefined && { bindAddress }),
});

const dns = new Dns({
  reusesPort: Number(count) > 1 && process.platform === 'linux',
  random: Math.random,
  failed: (error) => failed(error),
});

const link = new ControlLink({
  folder,
  slot: Number(slot),
  version: () => node.snapshot?.version ?? 0,
  heard: (message) => void hear(message).catch(failed),
  orphaned: () => void end(0),
});

const failed = (error: unknown): void => console.error('bailey edge:', error);

async function hear(message: FromControl): Promise<void> {
  switch (message.type) {
    case 'snapshot':
      await Promise.all([node.apply(message.snapshot), dns.apply(message.snapshot)]);
      return;
    case 'rates':
      node.mergeRates(message.rates);
      return;
    case 'shutdown':
      await end(message.graceMs);
  }
}

function tell(): void {
  if (!link.isOpen) return;
  const report = node.report();
  if (report) link.report(report);
}

let isEnding = false;

async function end(graceMs: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  clearInterval(reporting);
  await Promise.all([node.close(graceMs), dns.close()]);
  tell();
  await link.close();
  process.exit(0);
}

const reporting = setInterval(tell, reportEveryMs);
process.on('SIGTERM', () => void end(5_000));
// Whoever started it may close the terminal: only the control plane or the operator ends it.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => undefined);
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
link.open();
