/** The frame of both pages. */
import type { Puzzle } from '../puzzle.ts';
import { proofScript, sendScript } from './proof-script.ts';

export interface PageParts {
  readonly title: string;
  readonly body: string;
  readonly script: string;
  readonly puzzle: Puzzle;
  /** Where the answer goes. */
  readonly to: string;
  /** For the content security policy: nothing but this script runs. */
  readonly nonce: string;
}

export function page({ title, body, script, puzzle, to, nonce }: PageParts): string {
  // JSON within a script: nothing in it may end the script.
  const data = JSON.stringify({ sealed: puzzle.sealed, id: puzzle.id, bits: puzzle.bits, to }).replaceAll(
    '<',
    '\\u003c',
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style nonce="${nonce}">
body { font: 16px/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 26rem; padding: 0 1rem; text-align: center; color: #1b2733; background: #fff; }
svg { width: 100%; border: 1px solid #8a97a3; border-radius: 4px; }
input, button { font: inherit; padding: .5rem .75rem; margin: .75rem .25rem; }
@media (prefers-color-scheme: dark) { body { color: #dde5ec; background: #10171e; } }
</style>
</head>
<body>
<h1>${title}</h1>
${body}
<p id="state" role="status"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
<script nonce="${nonce}">
var puzzle = ${data};
${proofScript}${sendScript}${script}</script>
</body>
</html>
`;
}
