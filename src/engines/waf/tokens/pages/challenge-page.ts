/** The page of a challenge: the browser proves work by itself, and asks again. */
import type { Puzzle } from '../puzzle.ts';
import { page } from './page.ts';

export function challengePage(puzzle: Puzzle, to: string, nonce: string): string {
  return page({
    title: 'Verifying your browser',
    body: '<p>This takes a moment and happens by itself.</p>',
    script: 'send();\n',
    puzzle,
    to,
    nonce,
  });
}
