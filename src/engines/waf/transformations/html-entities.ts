/** HTML_ENTITY_DECODE: numbered entities, and the five that everyone knows; the semicolon may be missing. */
import { utf8Of } from './unicode.ts';

const named: Readonly<Record<string, string>> = { quot: '"', nbsp: '\xa0', lt: '<', gt: '>', amp: '&' };

export function htmlEntityDecode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#[xX]([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(quot|nbsp|lt|gt|amp));?/gi,
    (_, hex, decimal, name) => {
      if (name !== undefined) return named[(name as string).toLowerCase()]!;
      const code = hex === undefined ? Number.parseInt(decimal as string, 10) : Number.parseInt(hex as string, 16);
      return utf8Of(code);
    },
  );
}
