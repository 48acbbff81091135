/** A WebSocket: after the target has agreed, bytes go both ways until one side is silent for too long. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Exchange } from '../exchange.ts';
import { downstreamHeaders, type ResponseHeaders } from './headers.ts';

export function joinTunnel(
  exchange: Exchange,
  headers: ResponseHeaders,
  target: Duplex,
  idleMs: number,
  ended: () => void,
): void {
  const client = exchange.incoming.socket;
  const flat = [...downstreamHeaders(headers), ...exchange.answerHeaders];
  flat.push('x-amzn-requestid', exchange.requestId);
  let head = `HTTP/1.1 101 ${STATUS_CODES[101]}\r\nconnection: Upgrade\r\nupgrade: ${exchange.head?.upgrade}\r\n`;
  for (let at = 0; at < flat.length; at += 2) head += `${flat[at]}: ${flat[at + 1]}\r\n`;
  client.write(`${head}\r\n`, 'latin1');
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    client.destroy();
    target.destroy();
    ended();
  };
  client.setTimeout(idleMs, end);
  client.on('error', end).on('close', end);
  target.on('error', end).on('close', end);
  // Data from either side keeps the other's timer from running out: they are one conversation.
  target.on('data', (chunk: Buffer) => {
    exchange.outcome.sentBytes += chunk.length;
  });
  client.pipe(target);
  target.pipe(client);
}
