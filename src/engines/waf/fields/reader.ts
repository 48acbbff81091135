/** How a field is read from a request under inspection. */
import type { RequestView } from '../view.ts';
import type { FieldValues } from './values.ts';

/** What fields tell the inspection beside their values: `REQUEST_BODY` and its like, where more was there than is read. */
export interface FieldSource extends RequestView {
  noteOversize(field: 'REQUEST_BODY' | 'REQUEST_COOKIES' | 'REQUEST_HEADERS' | 'REQUEST_JSON_BODY'): void;
}

export type FieldReader = (source: FieldSource) => FieldValues;
