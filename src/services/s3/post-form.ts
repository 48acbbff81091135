/** Browser uploads: from a multipart form to the input of PostObject ("POST Object", S3 API reference). */
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError, type StreamingBody } from '../service.ts';
import { checksumAlgorithms, checksumHeader, checksumMember, foreignChecksum } from './checksums/digest.ts';
import { unsupportedAlgorithm } from './digest-errors.ts';
import { entityTooLarge, invalidArgument, notBuilt } from './errors.ts';
import { readMultipartForm } from './multipart-form.ts';
import type { PutObjectInput } from './operations/put-object.ts';

export interface PostObjectInput extends PutObjectInput {
  readonly SuccessActionRedirect?: string;
  readonly SuccessActionStatus?: string;
}

/** Bytes that the file may have, from the policy's content-length-range. */
interface SizeLimits {
  readonly least: number;
  readonly most: number;
}

/** A form whose file has not been read yet. */
export interface PostForm {
  /** All fields before the file by lower-case name, for the verification of the policy. */
  readonly fields: ReadonlyMap<string, string>;
  /** With `${filename}` replaced. */
  readonly key: string;
  /** The input of PostObject, once the form is authenticated. */
  input(bucket: string, limits: SizeLimits): PostObjectInput;
}

/** In a key: the name of the file. */
const fileNameMark = `\${filename}`;

/** @throws AwsError MalformedPOSTRequest and the other errors of forms */
export async function readPostForm(
  contentType: string | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<PostForm> {
  const { fields, fileName, file } = await readMultipartForm(contentType, body);
  const template = fields.get('key');
  if (!template) {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
    );
  }
  // Some browsers send the path of the file.
  const baseName = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const key = template.replaceAll(fileNameMark, () => baseName);
  return { fields, key, input: (bucket, limits) => toInput(bucket, key, fields, sized(file, limits)) };
}

const members: Readonly<Record<string, keyof PutObjectCommandInput>> = {
  acl: 'ACL',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  'content-md5': 'ContentMD5',
  'content-type': 'ContentType',
  'x-amz-checksum-algorithm': 'ChecksumAlgorithm',
  ...Object.fromEntries(checksumAlgorithms.map((name) => [checksumHeader(name), checksumMember[name]])),
  'x-amz-server-side-encryption': 'ServerSideEncryption',
  'x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  'x-amz-server-side-encryption-context': 'SSEKMSEncryptionContext',
  'x-amz-server-side-encryption-customer-algorithm': 'SSECustomerAlgorithm',
  'x-amz-server-side-encryption-customer-key': 'SSECustomerKey',
  'x-amz-server-side-encryption-customer-key-md5': 'SSECustomerKeyMD5',
  'x-amz-storage-class': 'StorageClass',
  'x-amz-website-redirect-location': 'WebsiteRedirectLocation',
};

/** Of the signature: verified before, and no business of the object. */
const signatureFields: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-signature',
]);

const metadataPrefix = 'x-amz-meta-';

function toInput(
  bucket: string,
  key: string,
  fields: ReadonlyMap<string, string>,
  file: StreamingBody,
): PostObjectInput {
  const input: Record<string, unknown> = { Bucket: bucket, Key: key, Body: file };
  const metadata: [string, string][] = [];
  for (const [name, value] of fields) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member) input[member] = value;
    else if (name.startsWith(metadataPrefix)) metadata.push([metadataName(name), value]);
    else if (name === 'tagging') throw notBuilt('The tagging field of forms');
    else if (name === 'x-amz-server-side-encryption-bucket-key-enabled') input.BucketKeyEnabled = value === 'true';
    else if (name === 'expires') input.Expires = readDate(value);
    else if (foreignChecksum(name)) throw unsupportedAlgorithm();
    else if (name.startsWith('x-amz-') && !signatureFields.has(name)) throw notBuilt(`The form field ${name}`);
  }
  if (metadata.length > 0) input.Metadata = Object.fromEntries(metadata);
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (redirect) input.SuccessActionRedirect = redirect;
  const status = fields.get('success_action_status');
  if (status) input.SuccessActionStatus = status;
  return input as unknown as PostObjectInput;
}

/** A field can have any name, and the header that it becomes cannot (RFC 9110, section 5.6.2). */
function metadataName(field: string): string {
  const name = field.slice(metadataPrefix.length);
  if (/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return name;
  throw invalidArgument('User metadata must have a name that can be the name of a header.', field.slice(0, 128));
}

function readDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw invalidArgument('Invalid Expires', 'Expires', text);
  return date;
}

/** Throws before the last byte is believed. */
function sized(file: AsyncIterable<Uint8Array>, limits: SizeLimits): StreamingBody {
  return {
    async *[Symbol.asyncIterator]() {
      let size = 0;
      for await (const chunk of file) {
        size += chunk.length;
        if (size > limits.most) throw entityTooLarge(size, limits.most);
        yield chunk;
      }
      if (size < limits.least) {
        throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
          status: 400,
          members: { ProposedSize: size, MinSizeAllowed: limits.least },
        });
      }
    },
  };
}
