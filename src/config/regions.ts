/** The part of the configuration's schema about places: which regions, availability zones and edge locations there are. */
import type { Shape } from './schema.ts';

export interface RegionConfig {
  /** `us-east-1` */
  readonly name: string;
  /** Letters: `[a, b]` are us-east-1a and us-east-1b. As many as usual by default. */
  readonly zones?: readonly string[];
}

const regionName = /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}$/;
const zoneName = /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}[a-p]$/;
/** As CloudFront names them: an airport, a number, a cluster. */
const edgeLocationName = /^[A-Z]{3}(?:[0-9]{1,3}(?:-[A-Z][0-9]{1,3})?)?$/;

function text(about: string, pattern: RegExp, explanation: string): Shape {
  return { type: 'text', about, problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`) };
}

export const isEdgeLocationName = (value: string): boolean => edgeLocationName.test(value);

export const regions: Shape = {
  type: 'list',
  about: 'Regions that exist; us-east-1 must be one of them (default: all of AWS’s)',
  of: {
    type: 'object',
    about: 'A region',
    required: ['name'],
    members: {
      name: text('Its name', regionName, 'a region such as us-east-1'),
      zones: {
        type: 'list',
        about: 'Letters of its availability zones (default: a to c, in us-east-1 a to f)',
        of: text('Letter', /^[a-p]$/, 'a letter from a to p'),
      },
    },
  },
};

export const zone = text(
  'Availability zone of this machine’s edge node (default: it is everywhere)',
  zoneName,
  'a zone such as us-east-1a',
);

export const edgeLocation = text(
  'Edge location that this machine’s edge node is (default: it is everywhere)',
  edgeLocationName,
  'an edge location such as FRA or FRA50-C1',
);

export const edgeLocations: Shape = {
  type: 'list',
  about: 'Edge locations that exist (default: every name that is well formed)',
  of: text('Edge location', edgeLocationName, 'an edge location such as FRA or FRA50-C1'),
};
