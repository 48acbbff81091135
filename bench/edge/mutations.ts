/** What attackers do to a payload so that filters miss it and the target does not. Each keeps what the payload does. */

export interface Mutation {
  readonly name: string;
  /** Undefined where the payload would no longer do what it does. */
  readonly mutate: (payload: string, family: Kind, random: () => number) => string | undefined;
}

export type Kind = 'sqli' | 'xss' | 'traversal' | 'shell' | 'log4j' | 'xxe' | 'other';

export function kindOf(family: string): Kind {
  if (/sql/.test(family) && !/nosql/.test(family)) return 'sqli';
  if (/xss/.test(family)) return 'xss';
  if (/traversal|lfi/.test(family)) return 'traversal';
  if (/cmdexe|shell-inj|shellshock|rce/.test(family)) return 'shell';
  if (/log4/.test(family)) return 'log4j';
  if (/xxe|xml/.test(family)) return 'xxe';
  return 'other';
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');

/** Changes every character but letters and digits. */
const symbols = (payload: string, change: (code: number) => string): string =>
  payload.replace(/[!-/:-@[-`{-~]/g, (character) => change(character.charCodeAt(0)));

export const mutations: readonly Mutation[] = [
  {
    name: 'case',
    // Letters of SQL and of HTML's names; script, paths and commands mind their case.
    mutate: (payload, kind, random) => {
      if (kind === 'sqli')
        return payload.replace(/[a-z]/gi, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter.toLowerCase()));
      if (kind !== 'xss') return undefined;
      return payload.replace(
        /(<\/?)([a-z]+)|(\son)([a-z]+)(?==)/gi,
        (_, tag: string | undefined, name: string, on: string, event: string) =>
          tag === undefined ? on.toUpperCase() + event : tag + name.toUpperCase(),
      );
    },
  },
  {
    name: 'comments and blanks',
    mutate: (payload, kind) => {
      if (kind === 'sqli') return /--|#/.test(payload) ? undefined : payload.replaceAll(' ', '/**/');
      if (kind === 'xss') return payload.replace(/(<[a-z]+) (?=[a-z]+=)/gi, '$1/');
      if (kind === 'shell') return payload.includes('<') ? undefined : payload.replace(/(\w) (?=[/\w-])/g, '$1$IFS');
      return undefined;
    },
  },
  { name: 'encoded twice', mutate: (payload) => encodeURIComponent(payload.replace(/[\ud800-\udfff]/g, '?')) },
  {
    name: 'character references',
    mutate: (payload, kind) =>
      kind === 'xss' || kind === 'sqli' ? symbols(payload, (code) => `&#x${hex(code, 2)};`) : undefined,
  },
  {
    name: 'escapes of JavaScript',
    mutate: (payload, kind) =>
      kind === 'xss' || kind === 'sqli' || kind === 'log4j'
        ? symbols(payload.replaceAll('\\', ''), (code) => `\\u${hex(code, 4)}`)
        : undefined,
  },
  {
    name: 'full width',
    mutate: (payload, kind) =>
      kind === 'xss' || kind === 'sqli' || kind === 'traversal'
        ? payload.replace(/[<>'"=/.\\;()]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
        : undefined,
  },
  {
    name: 'base64',
    mutate: (payload) =>
      payload.length >= 12 && /^[\t\n\r -~]*$/.test(payload) ? Buffer.from(payload).toString('base64') : undefined,
  },
];
