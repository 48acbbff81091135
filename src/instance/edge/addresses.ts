/** The addresses at which listeners that are bound to one address can be reached: what DNS tells of load balancers. */
import { networkInterfaces } from 'node:os';

/**
 * @param bound `0.0.0.0` and `::` stand for all that the machine has: those that others reach, or else loopback
 * @param interfaces as node:os gives them
 */
export function reachableAt(bound: string, interfaces = networkInterfaces()): readonly string[] {
  if (bound !== '0.0.0.0' && bound !== '::') return [bound];
  const all = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => bound === '::' || family === 'IPv4')
    // An address of one link means nothing on another.
    .filter(({ address }) => !address.startsWith('fe80:'));
  const outside = all.filter(({ internal }) => !internal);
  return (outside.length > 0 ? outside : all).map(({ address }) => address);
}

/** Whoever listens everywhere is reached here too. */
export function localAddress(bound: string): string {
  return bound === '0.0.0.0' ? '127.0.0.1' : bound === '::' ? '::1' : bound;
}
