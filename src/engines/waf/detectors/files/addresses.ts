/** Addresses of hosts in all the notations that resolvers take: decimal, hexadecimal, octal, short, IPv4 within IPv6. */

/** The IPv4 address that a host name says, as a number; undefined where it says none. */
export function ipv4Of(host: string): number | undefined {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const mapped = /^(?:0{0,4}:){0,5}:?(?:ffff:)?(?:0{1,4}:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare);
  if (mapped !== null && bare.includes('::')) {
    return Number.parseInt(mapped[1]!, 16) * 65536 + Number.parseInt(mapped[2]!, 16);
  }
  const dotted = bare.includes(':') ? bare.slice(bare.lastIndexOf(':') + 1) : bare;
  const pieces = dotted.replace(/\.$/, '').split('.');
  if (pieces.length > 4 || pieces.some((piece) => piece === '')) return undefined;
  const numbers: number[] = [];
  for (const piece of pieces) {
    if (!/^(?:0x[0-9a-f]{1,8}|\d{1,12})$/i.test(piece)) return undefined;
    const value = /^0x/i.test(piece)
      ? Number.parseInt(piece, 16)
      : piece.length > 1 && piece.startsWith('0')
        ? Number.parseInt(piece, 8)
        : Number(piece);
    if (Number.isNaN(value)) return undefined;
    numbers.push(value);
  }
  const last = numbers.pop()!;
  if (numbers.some((value) => value > 255)) return undefined;
  if (last >= 256 ** (4 - numbers.length)) return undefined;
  return numbers.reduce((sum, value, index) => sum + value * 256 ** (3 - index), last);
}

/** Whether the address is written as people and programs write it: four decimal numbers. */
export function isOrdinaryNotation(host: string): boolean {
  return /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(host);
}
