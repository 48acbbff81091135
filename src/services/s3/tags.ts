/** Tags of objects and buckets: their limits, and the two ways in which requests carry them. */
import { badRequest, invalidArgument, invalidTag } from './errors.ts';
import type { Tag } from './state.ts';

export const objectTagLimit = 10;
export const bucketTagLimit = 50;
const keyLimit = 128;
const valueLimit = 256;

/** Checks a tag set. @throws AwsError InvalidTag, BadRequest */
export function requireTags(
  set: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
  limit: number,
): readonly Tag[] {
  const tags: Tag[] = [];
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of set ?? []) {
    if (key === '' || key.length > keyLimit || !isTagText(key)) {
      throw invalidTag('The TagKey you have provided is invalid', { TagKey: key });
    }
    if (value.length > valueLimit || !isTagText(value)) {
      throw invalidTag('The TagValue you have provided is invalid', { TagKey: key, TagValue: value });
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw invalidTag(
        "User-defined tag keys can't start with 'aws:'. This prefix is reserved for system tags. Remove 'aws:' from your tag keys and try again.",
      );
    }
    if (seen.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', { TagKey: key });
    seen.add(key);
    tags.push({ Key: key, Value: value });
  }
  if (tags.length > limit) {
    throw badRequest(`${limit === objectTagLimit ? 'Object' : 'Bucket'} tag count cannot be greater than ${limit}`);
  }
  return tags;
}

/** The `x-amz-tagging` header: `a=1&b=2`. @throws AwsError InvalidArgument, InvalidTag, BadRequest */
export function tagsFromHeader(header: string | undefined): readonly Tag[] {
  if (header === undefined || header === '') return [];
  const set: Tag[] = [];
  for (const pair of header.split('&')) {
    const at = pair.indexOf('=');
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decode(pair.slice(at + 1));
    if (key === undefined || value === undefined || key === '' || set.some((tag) => tag.Key === key)) {
      throw invalidArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        'x-amz-tagging',
        header,
      );
    }
    set.push({ Key: key, Value: value });
  }
  return requireTags(set, objectTagLimit);
}

/** Letters, digits, spaces and `+ - = . _ : / @` ("Categorizing your storage using tags"). */
function isTagText(text: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
