/** SingleHeader: each value of that name; where there are several, also all of them joined, as origins may read them. */
import type { FieldToMatch } from '../field-types.ts';
import { lowercase } from '../transformations/letter-case.ts';
import type { FieldReader } from './reader.ts';
import { nothing } from './values.ts';

export function singleHeader(field: NonNullable<FieldToMatch['SingleHeader']>): FieldReader {
  const wanted = lowercase(field.Name);
  return (source) => {
    const joined = source.header(wanted);
    if (joined === undefined) return nothing('HEADER');
    const values: string[] = [];
    for (const [name, value] of source.request.headers) {
      if (name.length === wanted.length && lowercase(name) === wanted) values.push(value);
    }
    if (values.length > 1) values.push(joined);
    return { location: 'HEADER', values, names: values.map(() => wanted) };
  };
}
