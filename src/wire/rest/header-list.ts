/** Lists in one header: comma-separated, quoted where a value holds a comma. */

/** @param dates HTTP dates hold a comma each, so every second comma separates */
export function splitHeader(text: string, dates: boolean): string[] {
  const items: string[] = [];
  let current = '';
  let quoted = false;
  let commas = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quoted) {
      if (character === '\\' && index + 1 < text.length) current += text.charAt(++index);
      else if (character === '"') quoted = false;
      else current += character;
    } else if (character === '"') quoted = true;
    else if (character === ',' && !(dates && ++commas % 2 === 1)) {
      items.push(current.trim());
      current = '';
    } else current += character;
  }
  items.push(current.trim());
  return items;
}

/** Quotes what would otherwise be read as two values. */
export function joinHeader(items: readonly string[]): string {
  return items.map((item) => (/[",]/.test(item) ? `"${item.replace(/["\\]/g, '\\$&')}"` : item)).join(', ');
}
