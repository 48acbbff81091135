/** Letters as a drawing: strokes of an own hand, turned, bent and crossed by lines, so that they are no text to copy. */

/** Strokes on a grid of 4 by 6: points as pairs of digits, strokes apart by spaces. Letters that look alike are left out. */
const strokes: Readonly<Record<string, string>> = {
  A: '062046 1333',
  C: '41200125164541',
  E: '40000646 0333',
  F: '400006 0333',
  H: '0006 4046 0343',
  K: '0006 400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  P: '0600304132330303',
  R: '06003041323303 2346',
  T: '0040 2026',
  U: '00051646 4540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  3: '0030412313 2344350605',
  4: '300444 3036',
  7: '004016',
};

const alphabet = Object.keys(strokes);

export function lettersOf(random: Uint8Array): string {
  return Array.from(random, (byte) => alphabet[byte % alphabet.length]).join('');
}

export function draw(letters: string, random: Uint8Array): string {
  let used = 0;
  /** Between -1 and 1. */
  const jitter = (): number => random[used++ % random.length]! / 127.5 - 1;
  const paths: string[] = [];
  for (const [index, letter] of [...letters].entries()) {
    const left = 28 + index * 46 + jitter() * 6;
    const top = 26 + jitter() * 8;
    const turn = jitter() * 0.4;
    const scale = 8 + jitter() * 1.2;
    const place = (x: number, y: number): string => {
      const [fromX, fromY] = [(x - 2) * scale + jitter() * 1.5, (y - 3) * scale + jitter() * 1.5];
      const movedX = fromX * Math.cos(turn) - fromY * Math.sin(turn) + left;
      const movedY = fromX * Math.sin(turn) + fromY * Math.cos(turn) + top + 18;
      return `${movedX.toFixed(1)} ${movedY.toFixed(1)}`;
    };
    for (const stroke of strokes[letter]!.split(' ')) {
      const points = stroke.match(/../g)!.map((pair) => place(Number(pair[0]), Number(pair[1])));
      paths.push(`M${points.join('L')}`);
    }
  }
  for (let line = 0; line < 5; line++) {
    const y = (): string => (44 + jitter() * 34).toFixed(1);
    paths.push(`M4 ${y()}C80 ${y()} 160 ${y()} 240 ${y()}`);
  }
  // In an order that says nothing.
  paths.sort((first, second) => (first < second ? -1 : 1));
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 248 88" role="img" aria-label="Letters to type">' +
    `<path d="${paths.join('')}" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/></svg>`
  );
}
