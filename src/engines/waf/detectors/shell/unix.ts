/** Commands of Unix shells, pasted after a separator, within a substitution, or as the whole value. Prose passes. */
import { cuesOf, wakenedBy } from '../cues.ts';
import type { Evidence } from '../detector.ts';
import { around, evidence } from '../evidence.ts';
import { Gate, shape } from '../shapes/shape.ts';
import { findSign, type Sign, sign } from '../signs.ts';
import { trait, traitsOf } from '../traits.ts';
import { commonPrograms, unixPrograms, windowsPrograms } from './commands.ts';
import { type Command, commandsOf, firstName, unhide } from './lexing.ts';
import { isNodeValue, nodeValue, programSigns } from './programs.ts';

/** Without any of these, only the value as a whole can be a command. */
const separators =
  trait.semicolon |
  trait.pipe |
  trait.ampersand |
  trait.backtick |
  trait.dollar |
  trait.newline |
  trait.less |
  trait.greater;

/** Without any of these there is neither a sign nor a second command. */
const needed =
  trait.semicolon |
  trait.pipe |
  trait.ampersand |
  trait.backtick |
  trait.dollar |
  trait.parenthesis |
  trait.slash |
  trait.newline |
  trait.greater |
  trait.less |
  trait.brace |
  trait.bracket |
  trait.equals;

/** What is telling wherever it stands. */
const signs: Sign[] = [
  sign('a function definition as in Shellshock', trait.parenthesis | trait.brace, /^\s{0,8}["']?\(\)[\s.]{0,4}\{/),
  sign('a blank hidden in a variable of the shell', trait.dollar, /\$\{?IFS\b|\$IFS\$?\d?/),
  sign(
    'a connection made by the shell',
    trait.slash,
    /\/dev\/(?:tcp|udp)\/|\b(?:bash|sh|zsh)\s+-i\b|\bnc(?:at|\.\w+)?\s+(?:-\w+\s+)*(?:-e|-c|--exec|[\w.]+\s+\d{2,5}\s+-e)\b|\bmkfifo\s+\/tmp/,
  ),
  sign(
    'output is sent to a device or file of the system',
    trait.greater,
    /[0-9&]?>{1,2}\s{0,2}(?:&\s?\d|\/dev\/(?:null|tcp)|\/(?:tmp|etc|var|proc|home|usr)\/)|2>&1/,
  ),
  sign(
    'a program is called by wildcards',
    trait.slash | trait.blank,
    /(?:^|[\s;|&`(=])\/(?:[\w?*]{1,8}\/){0,2}(?!\*\*)(?=[\w?*]{0,8}[?*])(?=[?*]{0,8}[a-z])[a-z?*]{2,12}\s+-{0,2}[\w/?*]|\/(?:\?{2,4}|b[?*]n|[?*]in)\/[\w?*]{1,10}/,
  ),
  sign(
    'arithmetic or a substitution of the shell within a command',
    trait.dollar | trait.parenthesis,
    /\becho\b[^\n]{0,80}\$\(\(|\$\(\s?(?:echo|printf|expr|cat|id|whoami|uname|sleep|curl|wget|ls|ping|nslookup)\b|\$\(\(\s?\d{1,8}\s?[-+*]\s?\d{1,8}\s?\)\)/,
  ),
  sign(
    'a here-document feeds a shell',
    trait.less,
    /<<<?\s?['"]?\w{1,12}['"]?\)?\s{0,4}(?:;|\n|$)[^;]{0,60}\b(?:bash|sh|python|perl)\b|\b(?:bash|sh|base64)\s?<<</,
  ),
  sign(
    'a secret file of the system is read',
    trait.slash,
    /\$\(\s?<\s?\/|(?:^|[;|&`\s])(?:cat|head|tail|more|less|nl|tac|strings|xxd|base64|source|\.)\s+(?:-\w+\s+)?["']?(?:\/|~\/|\.\.\/)[\w.]/,
    trait.blank | trait.high | trait.dollar,
  ),
  sign(
    'a shell variable holds the command',
    trait.equals | trait.dollar,
    /(?:^|[;&|\s`])(?:\w{1,12}=[\w/'"]{1,40};?\s{0,2}){1,4}\$\w{1,12}\b|;\s?str\d?=\$|\$\{#\w+\}|\$\(\w{1,10}\)\s?;/,
  ),
  sign(
    'Perl, Python, Ruby or PHP code on a command line',
    trait.blank | trait.letter,
    /\b(?:perl|python\d?|ruby|php\d?|node|lua)\s+(?:-\w+\s+){0,3}-(?:[eErc]|\w*e)\s+['"]?\S/,
  ),
  ...programSigns,
  sign(
    'a path with letters in brackets',
    trait.slash | trait.bracket,
    /\/[\w*?]{0,12}\[[^\]\s]{1,12}\][\w*?]{1,12}(?:[\s/]|$)/,
  ),
  sign(
    'an expansion of the shell',
    0,
    /\$\(\(|\$\[\s?\d{0,6}\s?\]|\$\{\w{1,30}(?:[#%/^]|:[+=?\d])|^\s?[<>]\(\s?\w+|^\s?\{(?:,[\w./,-]{1,80}|[\w./,-]{1,80},)\}$/,
    trait.dollar | trait.less | trait.greater | trait.brace,
  ),
  sign(
    'objects of Node.js that run code',
    0,
    /_\$\$ND_FUNC\$\$_|^\s?module\.exports\s?=\s?$|\b(?:process|require|global)\s?\[\s?["'\w]|^\s?while\s?\([^()]{1,24}\)\s?;?\s?$/,
    trait.dollar | trait.equals | trait.bracket | trait.parenthesis,
  ),
  sign(
    'a substitution of the shell',
    trait.dollar,
    // jQuery has names and selectors there, and goes on with a dot.
    /^[^\s]{0,60}\$\(\s?(?!(?:this|document|window|event|e|el|elem|element|self|selector|item|root|body)\b)[a-z_/][\w./-]{1,30}(?:\s[^()'"\n]{0,60})?\)(?![\w.[(])[^\n]{0,60}$|\$\{\s?[`!]|\$\(\)/,
  ),
  sign(
    'words of the shell’s history, or folders that it remembers',
    0,
    /^\s?(?:!-\d{1,3}(?:$|[!\s:])|!(?:\d{1,3}|!)(?::\S{1,8})?\s?[;|&]|~[+-]\d{0,2}(?:$|[/\s;|&]))/,
  ),
  sign(
    'words of the shell’s history, or folders that it remembers, behind a separator',
    0,
    /[;|&]\s?(?:!-?\d{1,3}|!!|~[+-]\d{0,2})\s?(?:$|[;|&/])/,
    trait.semicolon | trait.pipe | trait.ampersand,
  ),
  sign(
    'an option that runs a program or writes a file',
    trait.equals,
    /^\s?-{1,2}(?:upload-pack|receive-pack|exec(?:-path)?|output(?:-document)?|config|open-files-in-pager|use-askpass|use-compress-program|checkpoint-action|to-command|rsh|post-file|preload)=\S|^\s?-o\s?(?:ProxyCommand|LocalCommand|PermitLocalCommand)=/,
  ),
  sign(
    'a variable of the shell’s environment',
    trait.dollar,
    /^\s?\$\{?(?:HOME|PATH|SHELL|PWD|OLDPWD|HOSTNAME|LOGNAME|BASH\w{0,12}|EUID|PPID|SHLVL|LD_PRELOAD|LD_LIBRARY_PATH|PS[1-4])\}?(?:[/:;|&\s]\S{0,80})?$/,
  ),
  sign('a here-string', trait.less, /(?:^|[\s;|&`(])[\w./]{1,24}\s?(?<!<)<<<(?!<)\s?["'$(`\w]/),
  sign(
    'a function that calls itself without end',
    trait.parenthesis | trait.brace,
    /(?:^|[\s;=&|"'])([\w.:]{1,12})\s?\(\s?\)\s?\{[^{}\n]{0,60}[|&;][^{}\n]{0,60}\}\s?;?\s?\1/,
  ),
  sign(
    'a command of SQLite’s shell',
    trait.dot,
    /(?:^|[;\n]|\\n)\s{0,4}\.\s{0,4}\\?["']?(?:sh(?:ell)?|sys(?:tem)?|import|load|output|once|clone|restore|backup|excel|archive)\s{1,4}["'/\w|]/,
    trait.semicolon | trait.newline | trait.blank,
  ),
  sign(
    'server-side includes',
    trait.less | trait.hash,
    /<!--\s?#\s?(?:exec|include|echo|config|set|printenv|fsize|flastmod)\b/i,
  ),
];

/** Directives of C’s printf in a row, or one by its number, with which memory is read and written. */
const format = shape(
  /(?:%\d{0,3}\$?[-+#0]?\d{0,4}(?:\.\d{0,3})?(?:ll?|hh?)?[nxpsdu][\s.,_|-]{0,2}){4}|%\d{1,3}\$(?:ll?|hh?)?[nxps]/,
);

/** Without a letter: `$((1+1))`, `$[]`, `!-1`, `~+`, `:(){ :|:& };:`. */
const bare =
  /\$\(\(|@\{\s?\[|\$\[\s?\d{0,6}\s?\]|^\s?(?:!-\d{1,3}(?:$|[!\s:])|~[+-]\d{0,2}(?:$|[/\s;|&]))|([.:_])\s?\(\s?\)\s?\{[^{}\n]{0,60}[|&]/;

/** A program behind which an option stands, or one that runs another. */
const lines = new Gate([
  '-',
  ...'nohup xargs busybox setsid sudo doas env time exec eval command builtin stdbuf nice ionice timeout'.split(' '),
]);

const programs = new Gate([...unixPrograms, ...commonPrograms]);

const cues = [
  { none: trait.letter, any: trait.dollar | trait.at | trait.bang | trait.parenthesis },
  { none: trait.letter, gate: new Gate(['~']) },
  { all: trait.percent, gate: format },
  { any: trait.dot | trait.parenthesis, gate: nodeValue },
  // Names in pieces.
  { any: trait.quote | trait.backslash | trait.dollar | trait.brace },
  { gate: new Gate(['^']) },
  { all: trait.letter | trait.blank, gate: lines },
  // After a separator; or at the beginning, with arguments or by its path.
  { any: separators | trait.parenthesis, gate: programs },
  { all: trait.blank, any: needed, gate: programs },
  { all: trait.high, any: needed, gate: programs },
  { all: trait.slash, gate: new Gate(['bin/', 'usr/', 'local/', 'opt/']) },
  { gate: new Gate(['os.']) },
  ...cuesOf(signs),
];

export const unixShell = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if (text.length < 2) return undefined;
  if ((traits & trait.letter) === 0)
    return bare.test(text) ? evidence('shell', 'signs of the shell alone', text, 0.7) : undefined;
  if ((traits & trait.percent) !== 0 && format.test(text)) return evidence('shell', 'a format string', text, 0.75);
  if ((traits & (trait.dot | trait.parenthesis)) !== 0 && isNodeValue(text))
    return evidence('shell', 'objects of Node.js that reach the host', text, 0.8);
  const quoted =
    text.length > 200 || ((traits & (trait.quote | trait.backslash | trait.dollar)) === 0 && !text.includes('^'))
      ? undefined
      : quotedProgram(text);
  if (quoted === undefined && (traits & (trait.letter | trait.blank)) === (trait.letter | trait.blank)) {
    const name = commandLine(text);
    if (name !== undefined) return evidence('shell', `a command line: ${name}`, text, 0.75);
  }
  if (quoted !== undefined) return evidence('shell', `a program’s name in pieces: ${quoted}`, text, 0.8);
  if ((traits & needed) === 0 && !text.includes(' -') && !text.includes('os.')) return undefined;
  const found = read(text, traits);
  if (found !== undefined) return found;
  if ((traits & (trait.quote | trait.backslash | trait.dollar | trait.brace)) === 0) return undefined;
  const shown = text.length < 8192 ? unhide(text) : undefined;
  return shown === undefined ? undefined : read(shown, traitsOf(shown));
});

/** A wrapper and a program, `nohup id`; or a program and its options, `mysql -u root`: the whole value. */
const wrappers =
  /^\s{0,4}(?:nohup|xargs|busybox|setsid|sudo|doas|env|time|exec|eval|command|builtin|stdbuf|nice|ionice|timeout\s{1,4}\d{1,6}[smh]?)\s{1,4}(?:-\w{1,8}\s{1,4})?([a-z]\w{1,16})\b/;
const optioned = /^\s{0,4}([a-z][\w.-]{1,16})\s{1,4}-{1,2}\w[\w-]{0,20}(?:[\s=][\w./:@%+'"-]{1,60}){0,4}\s{0,4}$/;

function commandLine(text: string): string | undefined {
  if (text.length > 120) return undefined;
  if (!lines.isOpen(text)) return undefined;
  const wrapped = wrappers.exec(text)?.[1];
  if (wrapped !== undefined && unixPrograms.has(wrapped) && text.length < 48) return wrapped;
  const name = optioned.exec(text)?.[1];
  return name !== undefined && unixPrograms.has(name) ? name : undefined;
}

/** `'wh'oami`, `w"g"et x`, `who$@ami`, `wh\\oami`, `who^ami`: signs within the first word, which no sentence has. */
function quotedProgram(text: string): string | undefined {
  const word =
    /^\s{0,4}(?=["'\w])((?=[^\s]{0,24}\w(?:["'\\^]{1,2}|\$[@*])\w)["']{0,2}\w(?:(?:["'\\^]{1,2}|\$[@*])?\w){1,20}["']{0,2})(?:\s|$)/.exec(
      text,
    )?.[1];
  if (word === undefined || /^\w+'[a-z]{1,2}$/.test(word)) return undefined;
  const name = word.replace(/["'\\^]|\$[@*]/g, '').toLowerCase();
  const isOnlyQuoted = !/[\\^$]/.test(word);
  return name !== 'passwd' && (unixPrograms.has(name) || windowsPrograms.has(name)) && (isOnlyQuoted || name.length > 3)
    ? name
    : undefined;
}

function read(text: string, traits: number): Evidence | undefined {
  const found = findSign('shell', text, traits, signs, 0.9);
  if (found !== undefined) return found;
  if (!programs.isOpen(text)) return undefined;
  // Only what the text begins with, or what follows its first bracket.
  const isOne = (traits & separators) === 0;
  if (isOne && (traits & trait.parenthesis) === 0 && !isProgramName(firstName(text))) return undefined;
  for (const command of commandsOf(text, isProgramName, isOne ? 1 : undefined)) {
    const reason = judge(command, text);
    if (reason !== undefined) return evidence('shell', reason, around(text, command.index), 0.85);
  }
  return undefined;
}

const isProgramName = (name: string): boolean => unixPrograms.has(name) || commonPrograms.has(name);

/** Arguments that no sentence has: options, paths, variables, redirections, quoted words that begin at once. */
const telling =
  /^\s{0,4}(?:[+][rwxst]{1,4}\s|0?[0-7]{3}\s{1,4}\S|-{1,2}[a-zA-Z][\w-]{0,20}(?:[\s=:]|$)|["']?(?:\/|~\/|\.{1,2}\/|\$[\w({]|\*|>|<)|https?:\/\/|(?:[\w.-]{1,40}\s+){0,2}(?:-{1,2}[a-z]{1,12}\s|\/(?:etc|tmp|var|bin|usr|home|root|dev|proc)\b|https?:|>\s?\/?\w)|(?:\d{1,3}\.){3}\d{1,3})/;

function judge({ name, folder, separator, rest, index }: Command, text: string): string | undefined {
  const isProgram = unixPrograms.has(name);
  const isCommon = commonPrograms.has(name);
  // A loop's or sentence's own sign, and not a redirection.
  if ((isCommon && /^\s{0,2}[<>]/.test(rest)) || /^\)\s?:/.test(rest)) return undefined;
  if (folder !== '') {
    return /(?:^|\/)(?:s?bin|usr|local|opt)\/(?:[\w.-]+\/)*$/.test(folder) &&
      (separator !== '' || telling.test(rest) || rest.trim() === '')
      ? `a program by its path: ${folder}${name}`
      : undefined;
  }
  const bare = rest.trim();
  // A name with an assignment, a call or a property is no program: `id=5`, `date(x)`, `find.me`.
  if (/^\s{0,2}\\?[=:([\].,]|^>\s[a-z]+\s[a-z]/.test(rest) || /^\w/.test(rest)) {
    if (!(/^\s{0,2}\)/.test(rest) && separator === '$(')) return undefined;
  }
  if (separator === '') {
    // The whole value is a command line.
    return (isProgram || name === 'cat' || name === 'echo' || name === 'ping' || name === 'sleep') && strong.test(rest)
      ? `a command line: ${name}`
      : undefined;
  }
  if (separator === '(' || separator === '\n' || separator === '\r') {
    return isProgram && strong.test(rest)
      ? `a command on a line of its own: ${name}`
      : isLonely(text, index, bare, name)
        ? `a command on a line of its own: ${name}`
        : undefined;
  }
  if (separator === '`')
    return inBackquotes(text, index, rest) && (isProgram || strong.test(rest))
      ? `a command in backquotes: ${name}`
      : undefined;
  if (separator === '$(')
    return isProgram || telling.test(rest) || bare.startsWith(')') ? `a command substitution: ${name}` : undefined;
  // `&` joins arguments and names of firms: only what is surely a command counts there.
  const argument = telling.test(rest);
  const after = text[index + separator.length];
  if (isProgram) {
    if (argument) return `a command after a separator: ${name}`;
    if (separator !== '&' && /^\s{1,3}[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}\s?(?:$|[;|&#])/.test(rest)) {
      return `a command after a separator: ${name}`;
    }
    const ends = bare === '' || /^(?:[#'")|&>\\]|\w{1,24}\s?[#'")\\]?$)/.test(bare);
    return ends && !(separator === '&' && /[A-Za-z] $/.test(text.slice(0, index)))
      ? `a command after a separator: ${name}`
      : undefined;
  }
  if (argument) return `a command after a separator: ${name}`;
  if (name === 'sleep' && /^\s{0,3}\d{1,3}\b/.test(rest)) return 'a delay after a separator';
  if (name === 'echo' && after !== ' ' && /^\s?[A-Z0-9$"'<]{3}/.test(rest)) return 'a command after a separator: echo';
  if (name === 'echo' && /^\s+["'$<]/.test(rest)) return 'a command after a separator: echo';
  if (
    (name === 'dir' ||
      name === 'who' ||
      name === 'w' ||
      name === 'history' ||
      name === 'set' ||
      name === 'reboot' ||
      name === 'top') &&
    bare === '' &&
    separator !== '&'
  ) {
    return `a command after a separator: ${name}`;
  }
  return undefined;
}

/** Markdown sets names in backquotes, and code between three of them; a shell's stand alone, or right behind a value or separator. */
function inBackquotes(text: string, index: number, rest: string): boolean {
  const before = text[index - 1] ?? '';
  const end = text.indexOf('`', index + 1);
  if (end < 0 || before === '`' || text[index + 1] === '`' || rest.startsWith('`')) return false;
  if (index === 0) return text.slice(end + 1).trim() === '' && end < 120;
  return /[\w;|&=]/.test(before);
}

const strong =
  /^\s{1,4}(?:-{1,2}[a-zA-Z][\w-]{0,20}\s+\S*[/\d'"$]|(?:-\w+\s+)?["']?(?:\/(?:etc|tmp|var|bin|usr|home|root|dev|proc|opt|sbin)\b|~\/|\$[\w({])|(?:-\S+\s+){0,3}(?:https?|ftp):\/\/|-[a-zA-Z]{1,4}$|-rf\s|[^\s]{1,60}\s?[|;&]{1,2}\s?(?:sh|bash|sudo|nc|python|perl|php|tee|xargs)\b|-c\s+['"]|-\w?c\s?\d+\s|(?:[\w.-]+\s+)?(?:>|\|)\s?\/?\w)/;

/** A newline, a program, and the end: what is appended to a parameter. */
function isLonely(text: string, index: number, rest: string, name: string): boolean {
  return (
    rest === '' &&
    unixPrograms.has(name) &&
    name.length > 1 &&
    index < 64 &&
    !/\s\S+\s/.test(text.slice(0, index)) &&
    text.length < 96
  );
}
