/** The nearest of several names to one that was misspelled. */

/** Edits (insert, delete, replace, swap neighbours) that turn one text into the other; `limit` + 1 when there are more. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, before[column - 2]! + 1);
      }
      current.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return Math.min(previous[b.length]!, limit + 1);
}

/** Number of words (`ListObject` has two) that two camel-case names share from the start. */
function sharedWords(a: string, b: string): number {
  const first = words(a);
  const second = words(b);
  let shared = 0;
  while (shared < first.length && first[shared] === second[shared]) shared++;
  return shared;
}

function words(name: string): string[] {
  const found: string[] = [];
  for (const character of name) {
    if (found.length === 0 || (character >= 'A' && character <= 'Z')) found.push(character);
    else found[found.length - 1] += character;
  }
  return found.map((word) => word.toLowerCase());
}

/** The known name with the fewest edits, at most a third of the wrong name's length; then the most shared words, then order. */
export function nearest(wrong: string, known: Iterable<string>): string | undefined {
  const lower = wrong.toLowerCase();
  const limit = Math.max(2, Math.floor(wrong.length / 3));
  let best: string | undefined;
  let bestCost = limit + 1;
  for (const name of known) {
    const cost = distance(lower, name.toLowerCase(), Math.min(limit, bestCost));
    if (cost > limit || cost > bestCost) continue;
    if (cost === bestCost && best !== undefined && sharedWords(wrong, name) <= sharedWords(wrong, best)) continue;
    best = name;
    bestCost = cost;
  }
  return best;
}
