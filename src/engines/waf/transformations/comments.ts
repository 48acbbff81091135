/** REPLACE_COMMENTS puts a space for each comment of C; REMOVE_COMMENTS_CHAR takes the marks of comments away. */

export function replaceComments(text: string): string {
  let at = text.indexOf('/*');
  if (at < 0) return text;
  let done = '';
  let from = 0;
  for (; at >= 0; at = text.indexOf('/*', from)) {
    done += `${text.slice(from, at)} `;
    const end = text.indexOf('*/', at + 2);
    // A comment without an end reaches to the end.
    if (end < 0) return done;
    from = end + 2;
  }
  return done + text.slice(from);
}

export const removeCommentsChar = (text: string): string => text.replace(/<!--|-->|\/\*|\*\/|--|#/g, '');
