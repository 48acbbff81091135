/**
 * CMD_LINE, CMD_LINE_UNIX and CMD_LINE_WIN: undo what disguises a command. The first takes away the escapes of both
 * kinds of shell, the others only those of their own.
 */
import { lowercase } from './letter-case.ts';

export const cmdLine = (text: string): string => normal(text.replace(/[\\"'^]/g, ''));

export const cmdLineUnix = (text: string): string => normal(text.replace(/[\\"']/g, ''));

export const cmdLineWin = (text: string): string => normal(text.replace(/["^]/g, ''));

function normal(text: string): string {
  const spaced = text.replace(/[,;\t-\r ]+/g, ' ');
  return lowercase(spaced.replace(/ ([/(])/g, '$1'));
}
