/** The script of both pages: proves work (SHA-256, since plain HTTP has no crypto.subtle), sends the answer, comes back. */

/** `prove(id, bits)` answers the first number whose hash has enough zero bits. */
export const proofScript = `
var constants = [], initial = [], candidate = 2;
while (constants.length < 64) {
  var prime = true;
  for (var factor = 2; factor * factor <= candidate; factor++) if (candidate % factor === 0) prime = false;
  if (prime) {
    if (initial.length < 8) initial.push((Math.sqrt(candidate) % 1 * 4294967296) | 0);
    constants.push((Math.cbrt(candidate) % 1 * 4294967296) | 0);
  }
  candidate++;
}
function firstWord(text) {
  var words = [], at, i;
  for (i = 0; i < 64; i++) words.push(0);
  for (at = 0; at < text.length; at++) words[at >> 2] |= text.charCodeAt(at) << (24 - at % 4 * 8);
  words[at >> 2] |= 128 << (24 - at % 4 * 8);
  words[15] = text.length * 8;
  function turn(value, by) { return (value >>> by) | (value << (32 - by)); }
  for (i = 16; i < 64; i++) {
    var early = words[i - 15], late = words[i - 2];
    words[i] = (words[i - 16] + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + words[i - 7] +
      (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10))) | 0;
  }
  var s = initial.slice();
  for (i = 0; i < 64; i++) {
    var one = (s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
      constants[i] + words[i]) | 0;
    var two = ((turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]))) | 0;
    s = [(one + two) | 0, s[0], s[1], s[2], (s[3] + one) | 0, s[4], s[5], s[6]];
  }
  return (s[0] + initial[0]) | 0;
}
function prove(id, bits) {
  for (var counter = 0; ; counter++) if (Math.clz32(firstWord(id + ':' + counter)) >= bits) return counter;
}
`;

/** Three tries within a minute, then it says so: a browser that keeps no cookies must not run in circles. */
export const sendScript = `
var tries = 'waf-tries';
function say(text) { document.getElementById('state').textContent = text; }
function counted() {
  try {
    var kept = (sessionStorage.getItem(tries) || '0 0').split(' ');
    return Date.now() - Number(kept[1]) < 60000 ? Number(kept[0]) : 0;
  } catch (error) { return 0; }
}
function count(value) { try { sessionStorage.setItem(tries, value + ' ' + Date.now()); } catch (error) {} }
function send(letters) {
  if (counted() >= 3) { count(0); say('This browser could not be verified. Allow cookies for this site, then reload the page.'); return; }
  count(counted() + 1);
  say('Verifying\\u2026');
  setTimeout(function () {
    var answer = { puzzle: puzzle.sealed, counter: prove(puzzle.id, puzzle.bits) };
    if (letters !== undefined) answer.letters = letters;
    fetch(puzzle.to, { method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) })
      .then(function (response) {
        if (response.ok || letters !== undefined) location.reload();
        else say('This browser could not be verified.');
      }, function () { say('The site cannot be reached. Reload the page to try again.'); });
  }, 0);
}
`;
