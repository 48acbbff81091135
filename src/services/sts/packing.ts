/** How much of the space that tokens allow is taken by the session policies and tags of a request. */
import { deflateRawSync } from 'node:zlib';
import { packedPolicyTooLarge } from './errors.ts';

/** AWS neither publishes its packing nor its space; this is deflate, and near to what people have measured there. */
const allottedBytes = 1024;

/**
 * @returns PackedPolicySize: percent of the allotted space, or undefined when nothing is passed
 * @throws PackedPolicyTooLarge above 100 %
 */
export function packedSize(
  inline: string | undefined,
  arns: readonly string[],
  tags: Readonly<Record<string, string>>,
): number | undefined {
  const policies = (inline ?? '') + arns.join('\n');
  const tagText = Object.entries(tags)
    .map(([key, value]) => `${key}\n${value}\n`)
    .join('');
  if (policies === '' && tagText === '') return undefined;
  const ofTags = percent(tagText);
  if (ofTags > 100) throw packedPolicyTooLarge(`Packed size of session tags consumes ${ofTags}% of allotted space.`);
  const all = percent(policies + tagText);
  if (all > 100) {
    throw packedPolicyTooLarge(`Packed policy consumes ${all}% of allotted space, please use smaller policy.`);
  }
  return all;
}

function percent(text: string): number {
  return text === '' ? 0 : Math.ceil((deflateRawSync(text).length * 100) / allottedBytes);
}
