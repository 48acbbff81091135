/** UriFragment: what stands after `#`, which browsers keep to themselves; the fallback answers where there is none. */
import type { FieldToMatch } from '../field-types.ts';
import type { FieldReader } from './reader.ts';
import { oneValue, settled } from './values.ts';

export function uriFragment(field: NonNullable<FieldToMatch['UriFragment']>): FieldReader {
  return ({ request }) => {
    const inPath = request.path.indexOf('#');
    // After a `#` in the path, what follows a `?` belongs to the fragment.
    if (inPath >= 0) {
      return oneValue(
        'URI_FRAGMENT',
        request.path.slice(inPath + 1) + (request.query === '' ? '' : `?${request.query}`),
      );
    }
    const inQuery = request.query.indexOf('#');
    if (inQuery >= 0) return oneValue('URI_FRAGMENT', request.query.slice(inQuery + 1));
    return settled('URI_FRAGMENT', field.FallbackBehavior ?? 'NO_MATCH');
  };
}
