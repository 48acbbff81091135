/** Cuts connections whose bodies come too slowly: whoever sends a byte now and then would hold memory for hours. */
import type { IncomingMessage } from 'node:http';

/** How often is looked, in milliseconds, and how many bytes must have come from one look to the next. */
const periodMs = 30_000;
const leastBytes = 16 * 1024;

/** A request whose body is unfinished, until it is forgotten: then nothing leads from here to it (decision 0101). */
class Watched {
  incoming: IncomingMessage | undefined;
  /** Bytes that its connection had brought at the last look. */
  brought: number | undefined;

  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
  }
}

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;

function forget(one: Watched): void {
  watched.delete(one);
  one.incoming = undefined;
}

/**
 * Watches a request until its body is whole; one without a body is left alone.
 * @returns what `endPace` is to be called with once the request is answered
 */
export function watchPace(incoming: IncomingMessage): Watched | undefined {
  const { 'content-length': length = '0', 'transfer-encoding': framed } = incoming.headers;
  if (framed === undefined && length === '0') return undefined;
  const one = new Watched(incoming);
  watched.add(one);
  timer ??= setInterval(look, periodMs).unref();
  return one;
}

/** For a request that was answered: it is looked at further only while the rest of its body comes. */
export function endPace(one: Watched | undefined): void {
  const incoming = one?.incoming;
  if (!one || !incoming) return;
  if (incoming.complete || incoming.destroyed) forget(one);
  else incoming.once('close', () => forget(one));
}

function look(): void {
  for (const one of watched) {
    const { incoming, brought } = one;
    if (!incoming || incoming.complete || incoming.destroyed) {
      forget(one);
      continue;
    }
    const now = incoming.socket.bytesRead;
    // With a full buffer it is this side that is slow.
    const isHungry = incoming.readableLength < incoming.readableHighWaterMark;
    if (isHungry && brought !== undefined && now - brought < leastBytes) incoming.socket.destroy();
    else one.brought = now;
  }
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
