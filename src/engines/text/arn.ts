/** Amazon Resource Names: six parts, of which the last may hold colons. */

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** `user/rudy`, `mybucket/key:with:colons` */
  readonly resource: string;
}

/** The six components of `arn:partition:service:region:account:resource`, or undefined when there are fewer. */
export function arnComponents(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let count = 0; count < 5; count++) {
    const colon = text.indexOf(':', from);
    if (colon < 0) return undefined;
    parts.push(text.slice(from, colon));
    from = colon + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

/** Returns undefined for anything that does not begin with `arn:` and has six parts. */
export function parseArn(text: string): Arn | undefined {
  const parts = arnComponents(text);
  if (parts?.[0] !== 'arn') return undefined;
  return { partition: parts[1]!, service: parts[2]!, region: parts[3]!, account: parts[4]!, resource: parts[5]! };
}

/** Twelve digits. */
export function isAccountId(text: string): boolean {
  if (text.length !== 12) return false;
  for (let at = 0; at < 12; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
