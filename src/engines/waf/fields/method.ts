/** Method: as sent. */
import type { FieldReader } from './reader.ts';
import { oneValue } from './values.ts';

export const method: FieldReader = (source) => oneValue('METHOD', source.request.method);
