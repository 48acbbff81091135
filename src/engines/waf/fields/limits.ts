/** How much of headers and cookies is inspected: AWS's numbers. */
import type { OversizeHandling } from '../field-types.ts';
import type { NamedValue } from '../view.ts';

const mostBytes = 8_192;
const mostPairs = 200;

export interface Limited {
  readonly pairs: readonly NamedValue[];
  readonly isOversize: boolean;
}

/** The pairs within the limits; the one that crosses the border is cut there. */
export function limited(pairs: readonly NamedValue[]): Limited {
  let bytes = 0;
  for (let at = 0; at < pairs.length; at++) {
    const { name, value } = pairs[at]!;
    if (at >= mostPairs) return { pairs: pairs.slice(0, at), isOversize: true };
    const left = mostBytes - bytes;
    bytes += name.length + value.length;
    if (bytes > mostBytes) {
      const cut = { name: name.slice(0, left), value: value.slice(0, Math.max(0, left - name.length)) };
      return { pairs: [...pairs.slice(0, at), cut], isOversize: true };
    }
  }
  return { pairs, isOversize: false };
}

/** Undefined where what is there is inspected. */
export function decided(isOversize: boolean, handling: OversizeHandling | undefined): 'MATCH' | 'NO_MATCH' | undefined {
  return isOversize && handling !== undefined && handling !== 'CONTINUE' ? handling : undefined;
}
