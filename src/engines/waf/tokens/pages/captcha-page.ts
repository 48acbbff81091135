/** The page of a CAPTCHA: letters to be read from a drawing and typed. */
import type { Puzzle } from '../puzzle.ts';
import { page } from './page.ts';

export function captchaPage(puzzle: Puzzle, to: string, nonce: string): string {
  return page({
    title: 'Let us confirm you are human',
    body: `${puzzle.drawing ?? ''}
<form id="form"><label>Type the letters that you see: <input id="letters" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="12" required></label>
<button>Confirm</button></form>`,
    script: `document.getElementById('form').addEventListener('submit', function (event) {
  event.preventDefault();
  count(0);
  send(document.getElementById('letters').value);
});
`,
    puzzle,
    to,
    nonce,
  });
}
