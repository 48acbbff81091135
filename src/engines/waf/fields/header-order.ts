/** HeaderOrder: the names of the headers in the order of their arrival, in lower case, with colons between. */
import type { FieldToMatch } from '../field-types.ts';
import { lowercase } from '../transformations/letter-case.ts';
import { limitedHeaders } from './headers.ts';
import { decided } from './limits.ts';
import type { FieldReader } from './reader.ts';
import { oneValue, settled } from './values.ts';

export function headerOrder(field: NonNullable<FieldToMatch['HeaderOrder']>): FieldReader {
  return (source) => {
    const { pairs, isOversize } = limitedHeaders(source);
    if (isOversize) source.noteOversize('REQUEST_HEADERS');
    const answer = decided(isOversize, field.OversizeHandling);
    if (answer) return settled('HEADER_ORDER', answer);
    return oneValue('HEADER_ORDER', pairs.map(({ name }) => lowercase(name)).join(':'));
  };
}
