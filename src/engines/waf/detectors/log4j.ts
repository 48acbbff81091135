/** Log4j look-ups: `${jndi:…}` however it is put together out of nested look-ups. */
import { wakenedBy } from './cues.ts';
import { around, evidence } from './evidence.ts';
import { Gate } from './shapes/shape.ts';

const mostSteps = 200;
const nested = /\$\{([^${}]{0,200})\}/;

export const log4j = wakenedBy([{ gate: new Gate(['${']) }], (text) => {
  if (!text.includes('${')) return undefined;
  const start = text.indexOf('${');
  let folded = text.slice(start, start + 4096).toLowerCase();
  let hasLookups = 0;
  for (let step = 0; step < mostSteps; step++) {
    const direct = isJndi(folded);
    if (direct) return evidence('log4j', 'a JNDI look-up', around(text, start), 0.98);
    const match = nested.exec(folded);
    if (match === null) break;
    const inner = match[1]!;
    if (/^(?:lower|upper|env|sys|date|java|main|ctx|map|bundle|k8s|docker|log4j|base64|::-|:-|\w*:\w*:-)/.test(inner))
      hasLookups++;
    folded = folded.slice(0, match.index) + resolve(inner) + folded.slice(match.index + match[0].length);
  }
  // Without its end, or with more look-ups than a template of any use has.
  if (hasLookups >= 4 && /jndi|ldap|rmi|dns|::-/.test(folded + text.toLowerCase().slice(start, start + 200))) {
    return evidence('log4j', 'look-ups within look-ups', around(text, start), 0.9);
  }
  return /\$\{\s*(?:env|sys|ctx|bundle|k8s|docker|java|hostname|main|script|dns|url(?=:(?:utf|http|file|ftp))|file(?=:[\w-]{3,12}:)|resourcebundle|localhost|(?:url|base64)decoder)\s*:[^}]{0,60}[})]?/i.test(
    text.slice(start, start + 400),
  )
    ? evidence('log4j', 'a look-up of the environment', around(text, start), 0.8)
    : undefined;
});

function isJndi(text: string): boolean {
  return (
    /\$\{\s{0,8}(?:\w+:){0,3}jndi\s{0,8}:|\$\{[^}]{0,40}jndi:(?:ldap|rmi|dns|nis|iiop|corba|nds|http)/.test(text) ||
    /\bj\s?n\s?d\s?i\s?:\s?(?:ldap|rmi|dns|iiop|nis|corba)s?:/.test(text)
  );
}

/** What a look-up stands for: its default after `:-`, or what `lower` and `upper` are given. */
function resolve(inner: string): string {
  const fallback = inner.lastIndexOf(':-');
  if (fallback >= 0) return inner.slice(fallback + 2);
  const colon = inner.lastIndexOf(':');
  return colon < 0 ? '' : inner.slice(colon + 1);
}
