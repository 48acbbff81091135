/** The part of the configuration's schema about attack detection. */
import type { Shape } from './schema.ts';

export interface ShieldConfig {
  /** Quiet traffic that must have been seen before anything is judged; a day by default. */
  readonly baselineSeconds?: number;
  /** Requests a second below which nothing is an attack; 10 by default. */
  readonly floor?: number;
  /** Length of the stretches that are looked at, by themselves and five together; 2 by default. */
  readonly windowSeconds?: number;
}

const number = (about: string): Shape => ({ type: 'number', about, least: 1 });

export const shield: Shape = {
  type: 'object',
  about: 'How attacks on protected resources are noticed',
  members: {
    baselineSeconds: number('Seconds of usual traffic before anything is judged (default 86400)'),
    floor: number('Requests a second below which nothing is an attack (default 10)'),
    windowSeconds: number(
      'Seconds of traffic that are looked at, by themselves and five times as many together (default 2)',
    ),
  },
};
