/** Commands of Windows' shells: cmd's after a separator or by their programs, PowerShell's by their names and ways. */
import { cuesOf, wakenedBy } from '../cues.ts';
import { around, evidence } from '../evidence.ts';
import { Gate, shape } from '../shapes/shape.ts';
import { findSign, type Sign, sign } from '../signs.ts';
import { trait, traitsOf } from '../traits.ts';
import { cmdlets, commonPrograms, windowsPrograms } from './commands.ts';
import { commandsOf } from './lexing.ts';

/** Words that a condition of cmd goes on with. */
const action =
  '@?(?:\\(|(?:echo|goto|cmd|set|call|del|type|dir|copy|start|exit|if|move|md|rd|for|ren|shutdown|net)(?![\\w-]))';
const cmdSigns: Sign[] = [
  sign(
    'the command interpreter is called',
    trait.letter,
    /\bcmd(?:\.exe)?\s{0,4}["']?\s?\/[a-z]\b|%comspec%|%systemroot%\\|%windir%\\|%programfiles(?::~[\d,-]+)?%|%(?:path|systemdrive|userdomain|userprofile|appdata|localappdata|programdata|computername|pathext|logonserver|homepath|homedrive|allusersprofile)%/i,
  ),
  sign('letters are cut out of variables', trait.percent | trait.colon, /%\w{2,20}:~-?\d{1,2},-?\d{1,2}%/),
  sign(
    'a program that fetches or runs code',
    trait.blank,
    /\bcertutil(?:\.exe)?\s+[/-]|\bbitsadmin(?:\.exe)?\s+\/|\bmshta(?:\.exe)?\s+(?:https?|javascript|vbscript)|\brundll32(?:\.exe)?\s+\S|\bregsvr32(?:\.exe)?\s+\/|\bwmic(?:\.exe)?\s+(?:\/|process|os|useraccount|product)|\bnet(?:1|\.exe)?\s+(?:user|localgroup|share|view|use|accounts|group|start|stop)\s+\S|\breg(?:\.exe)?\s+(?:add|query|delete|save)\s+hk|\bschtasks(?:\.exe)?\s+\/|\bvssadmin\s+(?:delete|list)|[;|&]\s?net\s+(?:user|localgroup|share|view|use)\s?$|\bfor\s+\/[fld]\s+%/i,
  ),
  sign(
    'a loop of cmd',
    trait.percent | trait.parenthesis,
    /\bfor\s{1,4}(?:\/[dflr]\b[^%]{0,200})?%{1,2}[^\s%]?\w{0,12}\s{1,4}in\s{0,4}\(/i,
  ),
  sign(
    'a condition of cmd',
    trait.blank,
    new RegExp(
      `\\bif\\s{1,12}(?:\\/i\\s{1,8})?(?:not\\s{1,12})?(?:(?:exist|defined|errorlevel)\\s{1,12}\\S{1,80}\\s{1,12}${action}|[^\\s=]{1,60}\\s?==\\s?[^=\\n]{1,60}\\s{1,12}${action}|\\/i\\s{1,8}(?:not\\s{1,8})?[^\\s=]{1,60}==|(?<=^\\s{0,4}if\\s{1,12})(?:not\\s{1,12})?[^\\s=()]{1,60}==[^\\s=()]{1,60}\\s{1,12}(?!then\\b|and\\b|or\\b|&&|[{:?])\\w|[^\\n=]{0,40}%~?\\d[^\\n=]{0,20}==|\\S{1,40}\\s{1,12}(?:equ|neq|lss|leq|gtr|geq)\\s)`,
      'i',
    ),
  ),
];

const powershellSigns: Sign[] = [
  sign(
    'PowerShell is called',
    trait.blank,
    /\b(?:powershell|pwsh)(?:\.exe)?\b["']?\s{1,4}(?:[-/]\s?\w|["'&({$]|iex|get-|invoke-)/i,
  ),
  sign(
    'code is fetched and run',
    trait.letter,
    /\bIEX\s?[("'$(]|\.Download(?:String|File|Data)\s?\(|\bNet\.WebClient\b|\bFromBase64String\s?\(|\bSystem\.(?:Management\.Automation|Diagnostics\.Process|Reflection\.Assembly|Net\.Sockets|Text\.Encoding)|\[(?:Convert|System\.\w+|Reflection\.\w+|Ref)\]::|-(?:Enc(?:odedCommand)?|ExecutionPolicy|NoP(?:rofile)?|WindowStyle)\s+\S/i,
  ),
];

/** A program or command and a switch, a drive or a share: the whole value begins so. */
const commandLine = /^\s{0,4}([a-z][\w.]{1,16})\s{1,3}(?:\/[a-z]{1,4}(?:[\s:]|$)|[a-z]:\\|\\\\\w)/i;

/** Of cmd itself. */
const windowsCommands = new Set(
  'dir copy del move type echo md rd ren start attrib erase xcopy shutdown tree vol find'.split(' '),
);

/** One of these is in each of the signs. */
const programs = shape(
  /\b(?:cmd|certutil|bitsadmin|mshta|rundll32|regsvr32|wmic|net|net1|reg|schtasks|vssadmin|for|if)\b|%\w{2,20}(?:%|:~)/i,
);

const programNames = new Gate([...windowsPrograms, ...commonPrograms]);
const isProgramName = (name: string): boolean => windowsPrograms.has(name) || commonPrograms.has(name);

const cues = [
  // Programs' names in pieces.
  { any: trait.quote },
  { gate: new Gate(['^']) },
  { any: trait.blank | trait.percent | trait.pipe | trait.ampersand, gate: programs },
  { all: trait.blank, any: trait.slash | trait.backslash, gate: new Gate([...windowsPrograms, ...windowsCommands]) },
  { any: trait.pipe | trait.ampersand, gate: programNames },
  { all: trait.blank, any: trait.semicolon | trait.newline | trait.parenthesis, gate: programNames },
  { all: trait.percent, any: trait.semicolon | trait.newline | trait.parenthesis, gate: programNames },
];

export const windowsShell = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if ((traits & (trait.blank | trait.percent | trait.pipe | trait.ampersand)) === 0 || text.length < 3)
    return undefined;
  // Carets and quotes within words mean nothing to cmd.
  const hides = text.includes('^') || (traits & trait.quote) !== 0;
  const plain = hides && text.length < 8192 ? text.replace(/(\w)[\^"]+(?=\w)/g, '$1') : text;
  const found = programs.test(plain) ? findSign('shell', plain, traits, cmdSigns, 0.9) : undefined;
  if (found !== undefined) return found;
  const isSwitched =
    (traits & trait.blank) !== 0 && (traits & (trait.slash | trait.backslash)) !== 0 && text.length < 120;
  const name = isSwitched ? commandLine.exec(plain)?.[1]?.toLowerCase() : undefined;
  if (name !== undefined && (windowsPrograms.has(name) || windowsCommands.has(name)))
    return evidence('shell', `a command line: ${name}`, plain, 0.75);
  if ((traits & (trait.pipe | trait.ampersand | trait.semicolon | trait.newline | trait.parenthesis)) === 0)
    return undefined;
  if (!programNames.isOpen(plain)) return undefined;
  for (const { name, rest, separator, index } of commandsOf(plain, isProgramName)) {
    if (separator === '' || separator === '(' || separator === '\n' || separator === '\r' || separator === '`')
      continue;
    if (/^\w|^\s{0,2}[=:([\].,]/.test(rest)) continue;
    const bare = rest.trim();
    const hasSwitch = /^\s{1,3}(?:\/[a-z]{1,4}\b|[a-z]:\\|\\\\|%\w)/i.test(rest);
    if (
      (windowsPrograms.has(name) &&
        (bare === '' || hasSwitch || /^["'&|>)]/.test(bare) || /^\s\/?\w{1,12}$/.test(rest))) ||
      (commonPrograms.has(name) && hasSwitch)
    ) {
      return evidence('shell', `a command after a separator: ${name}`, around(plain, index), 0.85);
    }
  }
  return undefined;
});

const words = shape(/powershell|pwsh|iex|download|webclient|base64string|system\.|\]::/i);

const cmdletNames = shape(cmdlets);

export const powershell = wakenedBy(
  [{ any: trait.backtick }, { gate: cmdletNames }, ...cuesOf(powershellSigns)],
  (text) => {
    const traits = traitsOf(text);
    if ((traits & trait.letter) === 0 || text.length < 3) return undefined;
    const plain = text.includes('`') && text.length < 8192 ? text.replaceAll('`', '') : text;
    if (!plain.includes('-') && !words.test(plain)) return undefined;
    const found = findSign('shell', plain, traits, powershellSigns, 0.9);
    if (found !== undefined) return found;
    if (!/(?:^|[^\w-])[a-z]{2,12}-[a-z]{3}/i.test(plain)) return undefined;
    const index = cmdletNames.search(plain);
    if (index < 0) return undefined;
    // Its name within a sentence is no call: it needs arguments, a pipe, or to stand alone.
    const line = plain.slice(index, index + 200);
    const call = /^\W?[\w-]+(?![\w-])(?:$|\s{0,3}(?:[-|;&()"'$[{}#\\/]|\w+:\\|\.|\S+\s?$|https?:))/i.test(line);
    const isProse = /[a-z]{2,40}\s{1,4}[a-z]{2,40}\s{1,4}$/i.test(plain.slice(Math.max(0, index - 40), index + 1));
    return call && !isProse ? evidence('shell', 'a command of PowerShell', around(plain, index), 0.8) : undefined;
  },
);
