/** Reads a multipart body as leniently as servers do: any line ends, names in any notation, a missing end. */

export interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly content: string;
  /** Whole lines of the part's head that browsers do not send. */
  readonly otherHeaders: readonly string[];
}

const mostParts = 500;

/** Undefined where there is no boundary, or it does not occur. */
export function multipartOf(text: string, type: string): readonly Part[] | undefined {
  const boundary = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,]{1,200}))/i.exec(type);
  const sign = boundary === null ? undefined : `--${boundary[1] ?? boundary[2]!}`;
  if (sign === undefined || !text.includes(sign)) return undefined;
  const parts: Part[] = [];
  for (const piece of text.split(sign, mostParts + 1).slice(1)) {
    if (piece.startsWith('--')) break;
    const part = read(piece.replace(/^\r?\n/, ''));
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

function read(piece: string): Part | undefined {
  const end = /\r?\n\r?\n/.exec(piece);
  const head = end === null ? piece : piece.slice(0, end.index);
  const content = end === null ? '' : piece.slice(end.index + end[0].length).replace(/\r?\n$/, '');
  let name = '';
  let fileName: string | undefined;
  const otherHeaders: string[] = [];
  // A folded line belongs to the one before.
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    if (/^content-disposition\s*:/i.test(line)) {
      name = parameter(line, 'name') ?? '';
      fileName = parameter(line, 'filename') ?? extended(line);
    } else if (
      !/^content-(?:type|length|transfer-encoding)\s*:\s*[\w./+-]*(?:;\s*[\w-]+="?[\w./+-]*"?)*\s*$/i.test(line) &&
      line.trim() !== ''
    ) {
      otherHeaders.push(line);
    }
  }
  return { name, fileName, content, otherHeaders };
}

function parameter(line: string, name: string): string | undefined {
  const found = new RegExp(`[;\\s]${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|'([^']*)'|([^;\\s]*))`, 'i').exec(line);
  if (found === null) {
    // A quote that is never closed.
    return new RegExp(`[;\\s]${name}\\s*=\\s*"(.*)$`, 'i').exec(line)?.[1];
  }
  return found[1] ?? found[2] ?? found[3];
}

/** `filename*=UTF-8''name` */
function extended(line: string): string | undefined {
  return /[;\s]filename\*\s*=\s*[\w-]*'[^']*'([^;\s]*)/i.exec(line)?.[1];
}
