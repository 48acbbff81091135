/** UriPath: as sent. */
import type { FieldReader } from './reader.ts';
import { oneValue } from './values.ts';

export const uriPath: FieldReader = (source) => oneValue('URI', source.request.path);
