/** QueryString: as sent, without the question mark; empty where there is none. */
import type { FieldReader } from './reader.ts';
import { oneValue } from './values.ts';

export const queryString: FieldReader = (source) => oneValue('QUERY_STRING', source.request.query);
