/**
 * Paths to files that are none of the application's: climbing with `..` in all its disguises, and files of the system.
 * A path is read part by part, whatever stands between the parts: slashes, backslashes, their malformed encodings.
 */
import { wakenedBy } from '../cues.ts';
import type { Evidence } from '../detector.ts';
import { around, evidence } from '../evidence.ts';
import { Gate } from '../shapes/shape.ts';
import { trait, traitsOf } from '../traits.ts';
import { etcNames, systemFolders, tellingNames } from './sensitive.ts';

/** How servers of old have been made to read a slash, a backslash or a dot. Whatever is malformed counts as a slash. */
const disguises =
  /%(?:25)*(?:u(?:2215|2216|f025|efc8|002f|005c|ff0f|ff3c)|2f|5c|(?:c0|c1|e0|f0|f8|fc|bg)%?[0-9a-z]{2}|[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,5}|c[01])|0x(?:2f|5c)|%%32%66|%%35%63/gi;
const dotDisguises =
  /%(?:25)*(?:2e|u(?:002e|ff0e|2024)|c0%(?:2e|ae|fe|ee|6e)|e0%(?:40|80)%ae|f[0-9a-f](?:%80){2,4}%ae)|0x2e|%%32%65/gi;

/** Encoded once more, and passed over by what decodes them. */
const controls = /%(?:25)*[01][0-9a-f]/gi;

const mostCharacters = 65_536;

const tellingFolders: ReadonlySet<string> = new Set(
  [...systemFolders]
    .filter((folder) => /^(?:proc|sys|windows|winnt|root|web-inf)\//.test(folder) && !folder.endsWith('*'))
    .concat(
      'system32/drivers',
      'system32/config',
      'system32/cmd.exe',
      'web-inf/web.xml',
      'web-inf/classes',
      'var/log',
      'meta-inf/context.xml',
      'c$/windows',
      'c$/users',
      'sys/class',
      'sys/devices',
    ),
);

/** Without one of these in it, a path leads to nothing that is looked for. */
const names = new Gate([...tellingNames, ...[...tellingFolders, 'etc', 'proc'].map((folder) => folder.split('/')[0]!)]);

const slashes = trait.slash | trait.backslash;
const cues = [
  { any: trait.percent | trait.high | trait.control },
  { gate: new Gate(['0x']) },
  { all: trait.dots, any: slashes },
  { any: slashes, gate: new Gate(['??', '.?', '?.']) },
  { all: trait.dot | trait.blank, any: slashes, gate: new Gate(['./', '?']) },
  { gate: names },
];

export const traversal = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if (text.length < 4) return undefined;
  if ((traits & (trait.slash | trait.backslash | trait.dot | trait.percent)) === 0 && !text.includes('0x2'))
    return undefined;
  if (text.length > mostCharacters) return judge(text.slice(0, mostCharacters), traits);
  return judge(text, traits);
});

/** For names of uploaded files: browsers send no folders, and nobody's name climbs. */
export const climbingName = wakenedBy([{ all: trait.dots }], (name) =>
  /(?:^|[\\/])\.\.[\\/]/.test(name)
    ? evidence('lfi', 'the name of a file that climbs out of its folder', name, 0.85)
    : undefined,
);

function judge(text: string, traits: number): Evidence | undefined {
  let plain = text;
  let isDisguised = false;
  if ((traits & trait.percent) !== 0 || text.includes('0x')) {
    plain = plain.replace(controls, '').replace(dotDisguises, '.').replace(disguises, '/');
    isDisguised = plain !== text;
  }
  if ((traits & (trait.high | trait.control)) !== 0) {
    // Bytes that are no text, between parts of a path: half-decoded slashes.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    plain = plain.replace(/[\xc0\xc1\ufffd\uf025\uefc8][\0-\xff]?|[\0-\x08\x0e-\x1f\x80-\xff]/g, (found) =>
      /^[\xc0\xc1\ufffd\uf025\uefc8]/.test(found) ? '/' : '',
    );
  }
  const kinds = plain === text ? traits : traitsOf(plain);
  const hasSlash = (kinds & (trait.slash | trait.backslash)) !== 0;
  if (hasSlash && mayClimb(plain, kinds)) {
    const climbed = climbs(plain, isDisguised);
    if (climbed !== undefined) return climbed;
  }
  if (hasSlash) return names.isOpen(plain) ? findFile(plain) : undefined;
  const name = plain.trim().toLowerCase();
  return name.length < 40 && tellingNames.has(name.replace(/\.+$/, ''))
    ? evidence('lfi', `asks for a file that holds secrets: ${name}`, text, 0.85)
    : undefined;
}

/** What a step up begins with. */
function mayClimb(text: string, traits: number): boolean {
  if ((traits & trait.dots) !== 0 || text.includes('??') || text.includes('.?') || text.includes('?.')) return true;
  return (text.includes('./') || text.includes('?')) && /\.(?:\s\.|%00)/.test(text);
}

/** A step up: two dots or what stands for them, and a slash. */
const climb = /(?:^|[^\w.-])(?:\.{2,4}|\?{2}|\.\?|\?\.|\.%00\.?|\.\s\.)[\s"';]{0,2}[/\\]+/g;
const target =
  /^[/\\.?\s]*(?:etc|proc|var|usr|opt|home|root|windows|winnt|boot|inetpub|program files|progra~1|web-inf|meta-inf|users|conf|config|logs?|apache2?|xampp|mysql|bin|dev|tmp|sys|private|library|php\d?|admin|\.\w+)\b/i;

function climbs(text: string, isDisguised: boolean): Evidence | undefined {
  let count = 0;
  let first = -1;
  let last = 0;
  climb.lastIndex = 0;
  for (let found = climb.exec(text); found !== null; found = climb.exec(text)) {
    // Steps that follow each other, or with a part between them (`a/../../b`).
    if (first >= 0 && found.index - last > 24) count = 0;
    if (count === 0) first = found.index;
    count++;
    last = climb.lastIndex;
    // The slash that ends a step may begin the next.
    climb.lastIndex = last - 1;
    if (count >= 3) break;
  }
  if (count === 0) return undefined;
  const isPath = !/[\s<>(){}[\]]/.test(text.slice(Math.max(0, first - 40), last).trim()) && text.length < 2048;
  const rest = text.slice(last);
  if (/\.\.;[/\\]/.test(text.slice(first, last + 1)))
    return evidence('lfi', 'climbs up as Tomcat takes it', around(text, first), 0.9);
  if (isDisguised && isPath && first < 24) return evidence('lfi', 'climbs up in disguise', around(text, first), 0.85);
  if (target.test(rest)) return evidence('lfi', 'climbs up to a folder of the system', around(text, first), 0.95);
  if (isPath && first === 0 && text[last - 1] === '\\') return evidence('lfi', 'climbs up as Windows does', text, 0.8);
  if (count >= 3 && isPath) return evidence('lfi', 'climbs up three folders and more', around(text, first), 0.9);
  if (count >= 2 && isPath && first < 24 && !/^[^\s]*\s+\S/.test(rest)) {
    return evidence('lfi', 'climbs up two folders', around(text, first), 0.8);
  }
  return undefined;
}

/** Parts of a path: names between slashes. Bounded by the parts that matter: at most 12 characters may lie between them. */
const parts = /[A-Za-z0-9_.~-]{1,64}/g;

/** Folders that some of the telling names begin with. */
const tellingParents = new Set([...tellingNames].flatMap((name) => (name.includes('/') ? name.split('/')[0]! : [])));

function findFile(text: string): Evidence | undefined {
  const lower = text.toLowerCase();
  let previous = '';
  let previousEnd = -1;
  let checked = 0;
  for (const match of lower.matchAll(parts)) {
    if (++checked > 4000) break;
    const name = match[0].replace(/\.+$/, '');
    const start = match.index;
    const before = start === 0 ? '' : lower[start - 1]!;
    if (tellingNames.has(name) || (tellingParents.has(previous) && tellingNames.has(`${previous}/${name}`))) {
      const isAlone = start === 0 || before === '/' || before === '\\' || (start < 200 && !/[\s\w"'`(>]/.test(before));
      const ends = !/^[ \t]*[A-Za-z]/.test(
        lower.slice(match.index + match[0].length, match.index + match[0].length + 4),
      );
      const isSpokenOf = /[a-z]{2}\s[`'"(]?[~./\\\w-]{0,40}$/.test(lower.slice(Math.max(0, start - 60), start));
      if (isAlone && ends && !isSpokenOf && (start > 0 || text.length < 40)) {
        return evidence('lfi', `asks for a file that holds secrets: ${name}`, around(text, start), 0.85);
      }
    }
    const between = previousEnd < 0 ? '' : lower.slice(previousEnd, start);
    const isJoined = between.length > 0 && between.length <= 12 && /^[^\w\s]*[/\\][^\w\s]*$/.test(between);
    if (isJoined) {
      const folder = `${previous}/${name}`;
      const isRooted = isFromRoot(lower, previousEnd - previous.length);
      if (previous === 'etc' && etcNames.has(name) && (isRooted || name === 'passwd' || name === 'shadow')) {
        return evidence('lfi', `asks for a file of the system: ${folder}`, around(text, start - 6), 0.95);
      }
      if (
        isRooted &&
        previous !== 'etc' &&
        previous !== 'home' &&
        (tellingFolders.has(folder) || (previous === 'proc' && /^\d+$|^self/.test(name)))
      ) {
        return evidence(
          'lfi',
          `asks for a folder of the system: ${folder}`,
          around(text, start - previous.length - 2),
          0.85,
        );
      }
    }
    previous = name;
    previousEnd = match.index + match[0].length;
  }
  return undefined;
}

/** Whether a part stands at the root of a path: nothing but climbing, a drive, a scheme or a break before it. */
function isFromRoot(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 24), start);
  // A word, a blank, and a path: a sentence that speaks of it.
  if (/[a-z]{2}\s[/\\]$/.test(before)) return false;
  if (before === '' || /[.?][/\\]+$|^[/\\]+$|(?:^|[^\w.~-])[/\\]+$/.test(before)) return true;
  return /(?:^|\W)[a-z][:|$][/\\]*$|[a-z]:[/\\]{1,6}$|[\s"'=,;:|`(<>&$]$/.test(before);
}
