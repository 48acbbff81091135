/** `bailey lint`: what is wrong or suspicious in a policy document; needs no instance. */
import { readFileSync } from 'node:fs';
import { lintPolicy } from '../main.ts';

const kinds = ['identity', 'resource', 'trust', 'scp', 'rcp'] as const;
type Kind = (typeof kinds)[number];
const isKind = (text: string): text is Kind => (kinds as readonly string[]).includes(text);

/** Exit code 1 when there is an error or a finding. */
export async function lintFile(file: string, options: { kind: string }): Promise<number> {
  if (!isKind(options.kind)) throw new Error(`--kind is one of ${kinds.join(', ')}`);
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  const findings = lintPolicy(text, options.kind);
  for (const { line, column, message } of findings) console.log(`${file}:${line}:${column}: ${message}`);
  if (findings.length === 0) console.log(`${file}: nothing to say`);
  return findings.length === 0 ? 0 : 1;
}
