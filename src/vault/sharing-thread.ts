/** The thread of `sharing.ts`: splits one secret or combines parts, hands over the result, and is ended. */
import { parentPort } from 'node:worker_threads';
import { combine, split } from 'shamir-secret-sharing';
import { apart, type Sharing } from './sharing.ts';

parentPort?.once('message', async ({ parts, shares, threshold }: Sharing) => {
  const [secret] = parts;
  const isSplit = shares !== undefined && threshold !== undefined && secret !== undefined;
  const made = isSplit ? await split(secret, shares, threshold) : [await combine([...parts])];
  const results = made.map(apart);
  for (const one of [...parts, ...made]) one.fill(0);
  parentPort?.postMessage(
    results,
    results.map((one) => one.buffer),
  );
});
