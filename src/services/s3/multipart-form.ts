/** A streaming parser of multipart/form-data: small fields first, then one file of any size (RFC 7578). */
import { AwsError } from '../service.ts';

/** Bytes of everything before the file: "POST Object", form fields. */
const preFileLimit = 20 * 1024;
const partHeadLimit = 4 * 1024;
const fieldsLimit = 100;
const boundaryLimit = 70;

export interface MultipartForm {
  /** Values of the fields before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** As the browser named it; '' if it did not. */
  readonly fileName: string;
  /** Ends without error only if the form does. Can be read once. */
  readonly file: AsyncIterable<Uint8Array>;
}

/**
 * Reads up to the file, whose field is named `file`; what follows the file is ignored, as S3 does.
 * @throws AwsError RequestIsNotMultiPartContent, MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument
 */
export async function readMultipartForm(
  contentType: string | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<MultipartForm> {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`, 'latin1');
  const scanner = new Scanner(body);
  const fields = new Map<string, string>();
  let left = preFileLimit;
  await scanner.until(delimiter, 1024);
  for (;;) {
    if (!(await isAnotherPart(scanner))) throw fileCount();
    const head = readHead(await scanner.until(headEnd, partHeadLimit));
    if (head.name.toLowerCase() === 'file') {
      return { fields, fileName: head.fileName ?? '', file: fileOf(scanner, delimiter) };
    }
    const value = await scanner.until(delimiter, left);
    left -= value.length + head.name.length;
    if (left < 0 || fields.size >= fieldsLimit) throw tooLarge();
    const name = head.name.toLowerCase();
    if (fields.has(name)) throw malformed();
    fields.set(name, value.toString('utf8'));
  }
}

const headEnd = Buffer.from('\r\n\r\n');

/** After a delimiter: a line break before the next part, or `--` at the end. */
async function isAnotherPart(scanner: Scanner): Promise<boolean> {
  const next = (await scanner.take(2)).toString('latin1');
  if (next === '--') return false;
  if (next !== '\r\n') throw malformed();
  return true;
}

async function* fileOf(scanner: Scanner, delimiter: Buffer): AsyncGenerator<Uint8Array> {
  yield* scanner.stream(delimiter);
  // Without the delimiter's end the form was cut off, perhaps within the file.
  await isAnotherPart(scanner);
  await scanner.drain();
}

function boundaryOf(contentType: string | undefined): string {
  const [type, ...parameters] = (contentType ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'multipart/form-data') {
    throw new AwsError(
      'RequestIsNotMultiPartContent',
      'Bucket POST must be of the enclosure-type multipart/form-data.',
      { status: 400 },
    );
  }
  for (const parameter of parameters) {
    const at = parameter.indexOf('=');
    if (parameter.slice(0, at).trim().toLowerCase() !== 'boundary') continue;
    const value = parameter.slice(at + 1).trim();
    const boundary = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    if (boundary.length > 0 && boundary.length <= boundaryLimit) return boundary;
  }
  throw malformed();
}

function readHead(bytes: Buffer): { readonly name: string; readonly fileName: string | undefined } {
  for (const line of bytes.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).trim().toLowerCase() !== 'content-disposition') continue;
    const parameters = readParameters(line.slice(colon + 1));
    const name = parameters.get('name');
    if (name) return { name, fileName: parameters.get('filename') };
  }
  throw malformed();
}

/** `form-data; name="a"; filename="b"`: browsers escape quotes and line breaks by percent signs. */
function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (let at = text.indexOf(';'); at >= 0; ) {
    const equals = text.indexOf('=', at);
    if (equals < 0) break;
    const name = text
      .slice(at + 1, equals)
      .trim()
      .toLowerCase();
    const isQuoted = text[equals + 1] === '"';
    const from = isQuoted ? equals + 2 : equals + 1;
    const found = text.indexOf(isQuoted ? '"' : ';', from);
    const end = found < 0 ? text.length : found;
    const value = text.slice(from, end);
    parameters.set(name, value.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n'));
    at = text.indexOf(';', end);
  }
  return parameters;
}

/** Looks for delimiters in a stream, holding back only what may be the beginning of one. */
class Scanner {
  readonly #source: AsyncIterator<Uint8Array>;
  /** A first line break stands for the one that precedes every delimiter but the first. */
  #held: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What precedes the delimiter, which is passed over. */
  async until(delimiter: Buffer, limit: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at > limit || (at < 0 && this.#held.length > limit + delimiter.length)) throw tooLarge();
      if (at >= 0) {
        const found = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        return found;
      }
      await this.#more();
    }
  }

  async take(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more();
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async *stream(delimiter: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      const safe = at >= 0 ? at : Math.max(this.#held.length - delimiter.length + 1, 0);
      if (safe > 0) yield this.#held.subarray(0, safe);
      this.#held = this.#held.subarray(at >= 0 ? at + delimiter.length : safe);
      if (at >= 0) return;
      await this.#more();
    }
  }

  /** Reads what follows, so that the connection can go on. */
  async drain(): Promise<void> {
    for (let left = preFileLimit; left > 0; ) {
      const { done, value } = await this.#source.next();
      if (done) return;
      left -= value.length;
    }
    throw tooLarge();
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw malformed();
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
  }
}

const malformed = (): AwsError =>
  new AwsError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.', {
    status: 400,
  });

const tooLarge = (): AwsError =>
  new AwsError('MaxPostPreDataLengthExceeded', 'Your POST request fields preceding the upload file were too large.', {
    status: 400,
  });

const fileCount = (): AwsError =>
  new AwsError('InvalidArgument', 'POST requires exactly one file upload per request.', {
    status: 400,
    members: { ArgumentName: 'file', ArgumentValue: '0' },
  });
