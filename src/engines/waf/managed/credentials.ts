/** The fields of a login or sign-up form, as a group's configuration names them: `/form/username` in JSON, a name in forms. */
import type { RequestView } from '../view.ts';

interface Named {
  readonly Identifier: string;
}

/** Undefined where the field is missing or the body is of another kind. */
export function fieldOf(
  view: RequestView,
  payloadType: 'JSON' | 'FORM_ENCODED',
  field: Named | undefined,
): string | undefined {
  if (field === undefined) return undefined;
  if (payloadType === 'FORM_ENCODED') {
    const form = new URLSearchParams(view.body);
    return form.get(field.Identifier) ?? undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(view.body);
  } catch {
    return undefined;
  }
  for (const part of field.Identifier.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

const longestPattern = 512;

/** Whether the request goes to the configured path, which may be an expression where that is switched on. */
export function isOnPath(view: RequestView, path: string | undefined, isExpression: boolean | undefined): boolean {
  if (path === undefined) return false;
  const asked = view.request.path;
  if (!isExpression) return asked === path || asked.startsWith(`${path}/`);
  return path.length <= longestPattern && asked.length < 2048 && prefixOf(path, asked);
}

/** The plain beginning of an expression: what comes before its first sign. Expressions themselves run in the evaluator's engine. */
function prefixOf(pattern: string, path: string): boolean {
  const plain = /^\^?([\w/.-]*)/.exec(pattern)![1]!;
  return plain.length > 1 && path.startsWith(plain);
}
