/** The secret of a new device, and the two forms in which people carry it into an app: base32 text and a QR code. */
import { crc32, deflateSync } from 'node:zlib';
import qrcode from 'qrcode-generator';

/** Bytes: 64 characters of base32, as AWS's seeds have. */
export const seedBytes = 40;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 base32, for a number of bytes that needs no padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
  }
  return text;
}

/** As CreateVirtualMFADevice documents it: `otpauth://totp/$virtualMFADeviceName@$AccountName?secret=$Base32String`. */
export function provisioningUri(deviceName: string, accountName: string, secret: string): string {
  return `otpauth://totp/${encodeURIComponent(deviceName)}@${encodeURIComponent(accountName)}?secret=${secret}`;
}

/** Pixels a module, and modules of white around (ISO/IEC 18004 asks for four). */
const scale = 4;
const margin = 4;

/** A QR code as a PNG of one bit a pixel. */
export function qrCodePng(text: string): Uint8Array {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const modules = code.getModuleCount();
  const side = (modules + 2 * margin) * scale;
  const rowBytes = Math.ceil(side / 8);
  const rows = Buffer.alloc((rowBytes + 1) * side);
  for (let y = 0; y < side; y += 1) {
    // The byte before each row names its filter: none.
    const start = y * (rowBytes + 1) + 1;
    for (let x = 0; x < side; x += 1) {
      const row = Math.floor(y / scale) - margin;
      const column = Math.floor(x / scale) - margin;
      const inside = row >= 0 && column >= 0 && row < modules && column < modules;
      if (inside && code.isDark(row, column)) continue;
      rows[start + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  // One bit of grey; deflate, adaptive filtering and no interlacing are all 0.
  head[8] = 1;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
