/** Sends prepared requests over kept connections, each answered before the next: as little as measures others. */
import { connect } from 'node:net';

export interface Driven {
  readonly perSecond: number;
  /** Milliseconds from sending to the end of the answer, sorted. */
  readonly latencies: Float64Array;
  readonly statuses: Readonly<Record<number, number>>;
}

export const manyLanes = 32;

/** @param lanes how many clients there are */
export async function drive(
  port: number,
  requests: readonly Buffer[],
  count: number,
  lanes = manyLanes,
): Promise<Driven> {
  const latencies = new Float64Array(count);
  const statuses: Record<number, number> = {};
  let next = 0;
  let done = 0;
  const began = performance.now();
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, () => lane()));
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: count / seconds, latencies: latencies.sort(), statuses };

  function lane(): Promise<void> {
    return new Promise((resolve, reject) => {
      let sentAt = 0;
      let answer: Buffer = Buffer.alloc(0);
      let socket = open();
      function open() {
        const made = connect({ port, host: '127.0.0.1', noDelay: true }, send);
        made.on('data', take);
        made.on('error', reject);
        return made;
      }
      function send(): void {
        if (next >= count) {
          socket.destroy();
          resolve();
          return;
        }
        sentAt = performance.now();
        socket.write(requests[next++ % requests.length] as Buffer);
      }
      function take(chunk: Buffer): void {
        answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
        const end = answer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = answer.toString('latin1', 0, end).toLowerCase();
        const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
        if (answer.length < end + 4 + length) return;
        answer = Buffer.alloc(0);
        latencies[done++] = performance.now() - sentAt;
        const status = Number(head.slice(9, 12));
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (head.includes('\r\nconnection: close')) {
          socket.destroy();
          socket = open();
        } else send();
      }
    });
  }
}
