/** Line breaks that begin a header, a command of a mail server, or a second request. Letters with several lines pass. */
import { wakenedBy } from './cues.ts';
import { around, evidence } from './evidence.ts';
import { Gate, shape } from './shapes/shape.ts';
import { trait, traitsOf } from './traits.ts';

const signs: readonly (readonly [reason: string, shape: RegExp])[] = [
  [
    'a header of an answer',
    /[\r\n] ?(?:set-cookie2?\s?:\s?[\w-]+=|location\s?:\s?(?:https?:|\/|\w+\.\w)|content-(?:type\s?:\s?\w+\/|length\s?:\s?\d|disposition\s?:|security-policy|encoding\s?:|location\s?:)|transfer-encoding\s?:|refresh\s?:\s?\d|status\s?:\s?\d{3}|link\s?:\s?<|connection\s?:\s?(?:close|keep|upgrade)|host\s?:\s?\w+\.\w|last-modified\s?:|access-control-[\w-]+\s?:|x-[\w-]{2,40}\s?:\s?\S)/i,
  ],
  [
    'a second answer or request',
    /\r?\n\r?\n\s{0,4}<(?:html|head|body|script|h1)\b|[\r\n]\s{0,4}(?:HTTP\/[0-9.]{1,4}\s+\d{3}|(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|TRACE|DELETE|PATCH)\s+(?:\/|https?:)\S{0,500}\s+HTTP\/\d)/i,
  ],
  [
    'commands of a mail server',
    /[\r\n"]\s{0,4}(?:MAIL FROM\s?:|RCPT TO\s?:|HELO\s+\S|EHLO\s+\S|STARTTLS\b|QUIT\b|RSET\b|VRFY\s+\S|EXPN\s+\S|V\d{1,4}\s+(?:FETCH|CREATE|DELETE|SELECT|LIST|LOGIN|LOGOUT|CAPABILITY|STORE|EXAMINE|SEARCH)\b|[A-Z]\d{1,4}\s+(?:FETCH|LOGIN|SELECT|CAPABILITY|LOGOUT)\b|(?:\r\n|\n)\.(?:\r\n|\n))/,
  ],
];

const commandLine =
  /^\s{0,8}[\r\n]+\s{0,4}(?:(?:list|retr|dele|uidl|top)\s{1,4}\d{1,8}(?:\s\d{1,8})?|apop\s{1,4}\S{1,64}\s{1,4}[0-9a-f]{16,64}|auth\s{1,4}\S{1,64}\s{1,4}\S{8,}|\w{1,8}\s{1,4}(?:authenticate|login|capability|logout|select|examine|create|delete|rename|subscribe|lsub|status|append|fetch|store|starttls)\b[^\r\n]{0,200})\s{0,8}$/i;

/** Two letters that some servers cut down to their last bytes: a carriage return and a line feed. */
const wideBreaks = /[\u560a\u560d]/g;

export const lineBreaks = wakenedBy([{ any: trait.newline }, { all: trait.high | trait.colon }], (whole) => {
  const traits = traitsOf(whole);
  const isWide = (traits & trait.high) !== 0 && (traits & trait.colon) !== 0 && whole.search(wideBreaks) >= 0;
  if (((traits & trait.newline) === 0 && !isWide) || whole.length > 4096) return undefined;
  const text = isWide ? whole.replace(wideBreaks, '\n') : whole;
  if (commandLine.test(text)) return evidence('mail', 'a command of a mail server on a line of its own', text, 0.8);
  for (const [reason, shape] of signs) {
    const index = text.search(shape);
    if (index < 0) continue;
    // A text of several lines, as in a form's large field, may well quote headers; a parameter's first line is short.
    const first = text.slice(0, index);
    if (/\s\S+\s+\S+\s/.test(first.trim()) && !/\bHTTP\/\d/.test(first)) continue;
    return evidence('mail', reason, around(text, index), 0.85);
  }
  // Further addressees: behind an address or nothing.
  const addressee =
    /^\s{0,8}(?:[^\s@]{1,64}@[^\s@]{1,255})?\s{0,4}[\r\n]+\s{0,4}(?:b?cc|to|from|reply-to|subject|content-type|mime-version|x-mailer)\s?:\s?\S/i;
  return addressee.test(text) ? evidence('mail', 'a header of a mail', text, 0.85) : undefined;
});

/** Commands of IMAP and SMTP behind a quote, as far as they stand in one line. */
/** A request within a value, and lines within a header: neither has a reason to be. */
export const innerRequest = wakenedBy([{ gate: new Gate(['HTTP/']) }], (text) =>
  text.includes('HTTP/') &&
  /(?:^|[\s"'])(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|DELETE|PATCH)\s+\S{1,500}\s+HTTP\/\d/.test(text)
    ? evidence('mail', 'a request within a value', text, 0.8)
    : undefined,
);

export const brokenHeader = wakenedBy([{ all: trait.newline | trait.colon }], (text) =>
  /[\r\n][\w-]{2,60}\s?:/.test(text) ? evidence('mail', 'a line break and another header', text, 0.9) : undefined,
);

export const brokenPath = wakenedBy([{ any: trait.newline }], (text) =>
  /[\r\n]/.test(text) ? evidence('mail', 'a line break within a path', text, 0.8) : undefined,
);

const commands = shape(
  /\b[A-Z]\d{2,4}\s+(?:CAPABILITY|FETCH|CREATE|DELETE|SELECT|LIST|LOGIN|LOGOUT|STORE|EXAMINE|SEARCH|NOOP|RENAME|COPY|APPEND)\b|\b(?:RCPT TO|MAIL FROM)\s?:\s?<?\S+@|[\r\n]DATA[\r\n]/,
);

export const mailCommands = wakenedBy([{ gate: commands }], (text) =>
  commands.test(text) ? evidence('mail', 'commands of a mail server', text, 0.85) : undefined,
);
