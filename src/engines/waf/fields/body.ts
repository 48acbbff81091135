/** Body: as plain text, as far as it is inspected. */
import type { FieldToMatch } from '../field-types.ts';
import { decided } from './limits.ts';
import type { FieldReader } from './reader.ts';
import { oneValue, settled } from './values.ts';

export function body(field: NonNullable<FieldToMatch['Body']>): FieldReader {
  return (source) => {
    if (source.isBodyOversize) source.noteOversize('REQUEST_BODY');
    const answer = decided(source.isBodyOversize, field.OversizeHandling);
    return answer ? settled('BODY', answer) : oneValue('BODY', source.body);
  };
}
