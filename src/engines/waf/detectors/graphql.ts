/** GraphQL queries that map a whole schema, or are nested or repeated beyond use. What GraphQL clients send passes. */
import { wakenedBy } from './cues.ts';
import { evidence } from './evidence.ts';
import { trait } from './traits.ts';

const deepest = 25;
const mostAliases = 60;

export const graphql = wakenedBy([{ any: trait.brace }], (text) => {
  if (!text.includes('{')) return undefined;
  if (/__schema\s{0,8}(?:\\n|\s)*\{|\b__type\s{0,4}\(\s{0,4}name|\bIntrospectionQuery\b/.test(text)) {
    return evidence('graphql', 'asks for the whole schema', text, 0.8);
  }
  if (!/^\s{0,40}(?:query|mutation|subscription|fragment|\{)/.test(text)) return undefined;
  let depth = 0;
  let aliases = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 123) {
      if (++depth > deepest) return evidence('graphql', 'a query nested beyond use', text, 0.8);
    } else if (code === 125) depth--;
    else if (code === 58 && depth > 0 && /^:\s{0,4}\w{1,60}\s{0,4}[({]/.test(text.slice(index, index + 80))) aliases++;
  }
  return aliases > mostAliases && /^\s{0,40}(?:query|mutation|\{)/.test(text) && !/^\s{0,40}\{\s{0,40}"/.test(text)
    ? evidence('graphql', 'one field asked for many times', text, 0.75)
    : undefined;
});
