/** JA3Fingerprint and JA4Fingerprint: what the client's TLS hello looks like; the fallback answers where there was none. */
import type { FieldToMatch } from '../field-types.ts';
import type { FieldReader } from './reader.ts';
import { oneValue, settled } from './values.ts';

export function ja3Fingerprint(field: NonNullable<FieldToMatch['JA3Fingerprint']>): FieldReader {
  return ({ request }) =>
    request.source.ja3 === undefined
      ? settled('JA3_FINGERPRINT', field.FallbackBehavior)
      : oneValue('JA3_FINGERPRINT', request.source.ja3);
}

export function ja4Fingerprint(field: NonNullable<FieldToMatch['JA4Fingerprint']>): FieldReader {
  return ({ request }) =>
    request.source.ja4 === undefined
      ? settled('JA4_FINGERPRINT', field.FallbackBehavior)
      : oneValue('JA4_FINGERPRINT', request.source.ja4);
}
