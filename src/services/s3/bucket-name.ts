/** Which bucket names are allowed: "General purpose bucket naming rules" in the S3 User Guide. */
import { invalidBucketName } from './errors.ts';

const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3', '-an'];

/** True for names that CreateBucket takes. */
export function isValidBucketName(name: string): boolean {
  if (name.length < 3 || name.length > 63) return false;
  for (let index = 0; index < name.length; index += 1) {
    const character = name[index]!;
    if (isAlphanumeric(character)) continue;
    if (character !== '-' && character !== '.') return false;
    if (index === 0 || index === name.length - 1) return false;
    if (character === '.' && name[index - 1] === '.') return false;
  }
  if (looksLikeIpAddress(name)) return false;
  return !reservedPrefixes.some((p) => name.startsWith(p)) && !reservedSuffixes.some((s) => name.endsWith(s));
}

/** Throws InvalidBucketName. */
export function requireBucketName(name: string): void {
  if (!isValidBucketName(name)) throw invalidBucketName(name);
}

function isAlphanumeric(character: string): boolean {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

function looksLikeIpAddress(name: string): boolean {
  const parts = name.split('.');
  return parts.length === 4 && parts.every((part) => part !== '' && [...part].every((c) => c >= '0' && c <= '9'));
}
