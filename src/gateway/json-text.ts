/** Texts as JSON, for records: most hold nothing that must be escaped, and to see that costs half of escaping it. */

const PLAIN = /^[ !#-[\]-~]*$/;

export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
