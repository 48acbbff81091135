/** What strangers sent, fit for a terminal: no control characters, and not longer than is looked at. */
export function printable(text: string, most = 300): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  return shown.replaceAll(
    /[^\x20-\x7e\xa1-\xff…]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
