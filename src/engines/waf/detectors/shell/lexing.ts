/** A text as a shell reads it: what serves only to break up names is taken out, commands are found after separators. */

export interface Command {
  /** In lower case, without its folder. */
  readonly name: string;
  /** Folder of the program as it stood, with wildcards: `/usr/bin/`; '' without. */
  readonly folder: string;
  /** What comes before: `;`, `|`, `&`, `` ` ``, `$(`, a newline, or '' at the start. */
  readonly separator: string;
  /** Up to the next separator. */
  readonly rest: string;
  readonly index: number;
}

/** `c''at`, `c\at`, `$@`, `${x}`, `$IFS`, `{cat,/etc/passwd}`. Undefined where nothing is hidden. */
export function unhide(text: string): string | undefined {
  if (!/['"\\$^{`]/.test(text)) return undefined;
  const shown = text
    .replace(/\$\{?IFS\}?(?:\$\d|%\?\?)?|\$\{IFS[^}]{0,20}\}/g, ' ')
    .replace(/\{(\/?[\w./-]{1,40}(?:,[^,{}\s]{1,200}){1,8})\}/g, (_, list: string) => list.replaceAll(',', ' '))
    .replace(/(\w)(?:''|""|``|\\|\^|\$[@*!?_$#-]|\$[1-9]|'|")(?=[\w/?*.-])/g, '$1')
    .replace(/(\w)(?:''|""|\\|\^|\$@|\$\*|'|")(?=[\w/?*.-])/g, '$1')
    .replace(/(^|[\s;|&(/])["'\\]+(?=[\w/])/g, '$1')
    .replace(/\$(?:[a-z_][a-z_0-9]{2,20}|\{[a-z_][^}]{0,20}\}|[@*!#?-])(?=[\s/]|$)/gi, '')
    .replace(/(\w)["']+(?=\s|$)/g, '$1');
  return shown === text ? undefined : shown;
}

const mostCommands = 400;
const separators =
  /(?:^|[;|&\n\r`]|\$\(|[<>]\(|\|\||&&|\(\s?(?=[\w/]))[ \t{(!'"]{0,6}(?:\.[ \t])?((?:[\w./*?[\]~-]{0,60}\/)?)([A-Za-z_][\w.+?*[\]-]{0,30})/g;

/** As `separators` has it. */
const atStart = /^[ \t{(!'"]{0,6}(?:\.[ \t])?(?:[\w./*?[\]~-]{0,60}\/)?([A-Za-z_][\w.+?*[\]-]{0,30})/;

/** Of the command with which a text begins. */
export function firstName(text: string): string {
  return atStart.exec(text)?.[1]?.toLowerCase() ?? '';
}

/** Of the first `most`, those whose names are asked for. */
export function* commandsOf(text: string, isAsked: (name: string) => boolean, most = mostCommands): Generator<Command> {
  let count = 0;
  for (const match of text.matchAll(separators)) {
    if (++count > most) return;
    if (!isAsked(match[2]!.toLowerCase())) continue;
    const end = match.index + match[0].length;
    const sign = /^(?:\$\(|[<>]\(|\|\||&&|[;|&\n\r`(])/.exec(match[0])?.[0] ?? '';
    yield {
      name: match[2]!.toLowerCase(),
      folder: match[1]!,
      separator: sign,
      rest: restOf(text, end),
      index: match.index,
    };
  }
}

function restOf(text: string, start: number): string {
  const slice = text.slice(start, start + 160);
  const end = slice.search(/[;\n\r`]|\|\||&&/);
  return end < 0 ? slice : slice.slice(0, end);
}
