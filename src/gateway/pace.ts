/** Cuts connections whose bodies come too slowly: whoever sends a byte now and then would hold memory for hours. */
import type { IncomingMessage } from 'node:http';

/** How often is looked, in milliseconds, and how many bytes must have come from one look to the next. */
const periodMs = 30_000;
const leastBytes = 16 * 1024;

/** Unfinished bodies, with the bytes that their connection had brought at the last look. */
const watched = new Map<IncomingMessage, number | undefined>();
let timer: NodeJS.Timeout | undefined;

/** Watches a request until its body is whole; one without a body is left alone. */
export function watchPace(incoming: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': framed } = incoming.headers;
  if (framed === undefined && length === '0') return;
  watched.set(incoming, undefined);
  incoming.once('close', () => watched.delete(incoming));
  timer ??= setInterval(look, periodMs).unref();
}

function look(): void {
  for (const [incoming, before] of watched) {
    if (incoming.complete || incoming.destroyed) {
      watched.delete(incoming);
      continue;
    }
    const now = incoming.socket.bytesRead;
    // With a full buffer it is this side that is slow.
    const isHungry = incoming.readableLength < incoming.readableHighWaterMark;
    if (isHungry && before !== undefined && now - before < leastBytes) incoming.socket.destroy();
    else watched.set(incoming, now);
  }
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
