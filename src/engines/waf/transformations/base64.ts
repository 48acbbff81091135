/** BASE64_DECODE stops at the first character that is not of the alphabet; BASE64_DECODE_EXT skips such characters. */

export const base64Decode = (text: string): string => decode(text, false);

export const base64DecodeExt = (text: string): string => decode(text, true);

const values = new Int8Array(256).fill(-1);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  values[letter.charCodeAt(0)] = value;
}

function decode(text: string, isForgiving: boolean): string {
  let done = '';
  let bits = 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    const value = values[text.charCodeAt(at) & 0xff]!;
    if (value < 0) {
      if (isForgiving) continue;
      break;
    }
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      done += String.fromCharCode((held >>> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  return done;
}
