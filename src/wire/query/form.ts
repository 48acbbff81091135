/** Form-encoded parameters (`Action=…&Tags.member.1.Key=…`), as a list and as the tree that their dotted names spell. */
import { MAX_DEPTH, WireFault } from '../fault.ts';

/** More parameters than any AWS call takes. */
const MAX_PARAMETERS = 20_000;

/** Parameter names to values, in order of appearance. */
export type Form = ReadonlyMap<string, string>;

/** What stands below one segment of dotted names. */
export interface FormNode {
  readonly text: string | undefined;
  readonly children: ReadonlyMap<string, FormNode> | undefined;
}

/**
 * Decodes `application/x-www-form-urlencoded` text, several in turn (query, then body).
 * A name that appears twice is refused: two readers could believe different values.
 * @throws WireFault MalformedQueryString, MalformedInput
 */
export function parseForm(...texts: readonly string[]): Form {
  const form = new Map<string, string>();
  for (const text of texts) {
    let start = 0;
    while (start <= text.length && text !== '') {
      let end = text.indexOf('&', start);
      if (end === -1) end = text.length;
      if (end > start) {
        const pair = text.slice(start, end);
        const equals = pair.indexOf('=');
        const name = decodeFormText(equals === -1 ? pair : pair.slice(0, equals));
        if (form.has(name))
          throw new WireFault('MalformedQueryString', 'A parameter appears more than once', { status: 400 });
        form.set(name, equals === -1 ? '' : decodeFormText(pair.slice(equals + 1)));
        if (form.size > MAX_PARAMETERS) throw new WireFault('MalformedInput', 'Too many parameters', { status: 400 });
      }
      start = end + 1;
    }
  }
  return form;
}

/** Percent and plus decoding. @throws WireFault MalformedQueryString for what is no UTF-8 */
function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new WireFault('MalformedQueryString', 'A parameter is not valid percent-encoded UTF-8', { status: 400 });
  }
}

interface MutableNode {
  text: string | undefined;
  children: Map<string, MutableNode> | undefined;
}

/**
 * The tree of a form. Maps, not objects: names come from clients.
 * @throws WireFault MalformedInput when names are nested too deeply
 */
export function formTree(form: Form): FormNode {
  const root: MutableNode = { text: undefined, children: new Map() };
  for (const [name, text] of form) {
    let node = root;
    let start = 0;
    for (let depth = 0; ; depth++) {
      if (depth > MAX_DEPTH * 2)
        throw new WireFault('MalformedInput', 'A parameter is nested too deeply', { status: 400 });
      const dot = name.indexOf('.', start);
      const segment = dot === -1 ? name.slice(start) : name.slice(start, dot);
      node.children ??= new Map();
      let child = node.children.get(segment);
      if (!child) {
        child = { text: undefined, children: undefined };
        node.children.set(segment, child);
      }
      node = child;
      if (dot === -1) break;
      start = dot + 1;
    }
    node.text = text;
  }
  return root;
}
