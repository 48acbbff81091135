/** The part of the configuration's schema about further listeners of the API: each stands in a VPC. */
import { isIP } from 'node:net';
import type { Shape } from './schema.ts';

/** Whoever can reach it is in that VPC: calls come by the VPC's endpoints, under their policies. */
export interface ListenerConfig {
  /** 0 picks a free one. */
  readonly port: number;
  /** Where the API listens by default; anything but loopback speaks TLS. */
  readonly host?: string;
  readonly account: string;
  /** The home region by default. */
  readonly region?: string;
  /** `vpc-…`, or `default`. */
  readonly vpc: string;
  /** Whose route table leads to gateway endpoints; the main one's by default. */
  readonly subnet?: string;
}

function text(about: string, pattern: RegExp, explanation: string): Shape {
  return { type: 'text', about, problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`) };
}

export const listeners: Shape = {
  type: 'list',
  about: 'Further listeners of the API, each in a VPC: calls come by its VPC endpoints',
  of: {
    type: 'object',
    about: 'A listener',
    required: ['port', 'account', 'vpc'],
    members: {
      port: { type: 'number', about: 'Port; 0 picks a free one', least: 0 },
      host: {
        type: 'text',
        about: 'Address (default: where the API listens); anything but loopback speaks TLS',
        problem: (value) => (isIP(value) === 0 ? 'must be an IP address' : undefined),
      },
      account: text('Account id', /^[0-9]{12}$/, '12 digits in quotes'),
      region: text(
        'The VPC’s region; the home region by default',
        /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}$/,
        'a region',
      ),
      vpc: text('The VPC: its id, or default', /^(?:default|vpc-[0-9a-f]{8,17})$/, 'the id of a VPC, or default'),
      subnet: text(
        'Subnet whose route table leads to gateway endpoints; the main table by default',
        /^subnet-[0-9a-f]{8,17}$/,
        'the id of a subnet',
      ),
    },
  },
};
