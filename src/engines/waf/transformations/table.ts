/** Every text transformation by AWS's name. Each takes and answers bytes, one character each. */
import type { TextTransformationType } from '../types.ts';
import { base64Decode, base64DecodeExt } from './base64.ts';
import { cmdLine, cmdLineUnix, cmdLineWin } from './command-line.ts';
import { removeCommentsChar, replaceComments } from './comments.ts';
import { cssDecode } from './css.ts';
import { escapeSeqDecode } from './escape-sequences.ts';
import { hexDecode, sqlHexDecode } from './hex.ts';
import { htmlEntityDecode } from './html-entities.ts';
import { jsDecode, jsDecodeExt } from './javascript.ts';
import { lowercase, uppercase } from './letter-case.ts';
import { md5 } from './md5.ts';
import { removeNulls, replaceNulls } from './nulls.ts';
import { normalizePath, normalizePathWin } from './path.ts';
import { sha256 } from './sha256.ts';
import { utf8ToUnicode } from './unicode.ts';
import { urlDecode, urlDecodeUni } from './url.ts';
import { compressWhiteSpace, removeWhiteSpace, trim, trimLeft, trimRight } from './white-space.ts';

export type Transform = (text: string) => string;

export const transformations: Readonly<Record<TextTransformationType, Transform>> = {
  BASE64_DECODE: base64Decode,
  BASE64_DECODE_EXT: base64DecodeExt,
  CMD_LINE: cmdLine,
  CMD_LINE_UNIX: cmdLineUnix,
  CMD_LINE_WIN: cmdLineWin,
  COMPRESS_WHITE_SPACE: compressWhiteSpace,
  CSS_DECODE: cssDecode,
  ESCAPE_SEQ_DECODE: escapeSeqDecode,
  HEX_DECODE: hexDecode,
  HTML_ENTITY_DECODE: htmlEntityDecode,
  JS_DECODE: jsDecode,
  JS_DECODE_EXT: jsDecodeExt,
  LOWERCASE: lowercase,
  MD5: md5,
  NONE: (text) => text,
  NORMALIZE_PATH: normalizePath,
  NORMALIZE_PATH_WIN: normalizePathWin,
  REMOVE_COMMENTS_CHAR: removeCommentsChar,
  REMOVE_NULLS: removeNulls,
  REMOVE_WHITESPACE: removeWhiteSpace,
  REPLACE_COMMENTS: replaceComments,
  REPLACE_NULLS: replaceNulls,
  SHA256: sha256,
  SQL_HEX_DECODE: sqlHexDecode,
  TRIM: trim,
  TRIM_LEFT: trimLeft,
  TRIM_RIGHT: trimRight,
  UPPERCASE: uppercase,
  URL_DECODE: urlDecode,
  URL_DECODE_UNI: urlDecodeUni,
  UTF8_TO_UNICODE: utf8ToUnicode,
};
