/** Cuts connections whose bodies come too slowly: whoever sends a byte now and then would hold memory for hours. */
import type { IncomingMessage } from 'node:http';

/** How often is looked, in milliseconds, and how many bytes must have come from one look to the next. */
const periodMs = 30_000;
const leastBytes = 16 * 1024;

/** Unfinished bodies, with the bytes that their connection had brought at the last look. */
const watched = new Map<IncomingMessage, number | undefined>();
let timer: NodeJS.Timeout | undefined;

/** Watches a request until its body is whole; one without a body is left alone. Call `endPace` once it is answered. */
export function watchPace(incoming: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': framed } = incoming.headers;
  if (framed === undefined && length === '0') return;
  watched.set(incoming, undefined);
  timer ??= setInterval(look, periodMs).unref();
}

/** For a request that was answered: it is looked at further only while the rest of its body comes. */
export function endPace(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) watched.delete(incoming);
  else incoming.once('close', () => watched.delete(incoming));
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
