/** XML that declares entities or includes files. Documents with an ordinary DOCTYPE pass. */
import { wakenedBy } from './cues.ts';
import { around, evidence } from './evidence.ts';
import { shape } from './shapes/shape.ts';
import { trait } from './traits.ts';

const signs: readonly (readonly [reason: string, shape: RegExp])[] = [
  ['an entity is declared', /<!\s?ENTITY\s/i],
  [
    'a document type from elsewhere',
    /<!DOCTYPE\s+(?!html\b|svg\b|plist\b|math\b)[\w:.-]{1,60}\s+(?:SYSTEM\s+["'](?!about:)|PUBLIC\s+["'][^"']{0,200}["']\s+["'](?!https?:\/\/(?:www\.)?(?:w3\.org|apple\.com)))/i,
  ],
  ['a document type with declarations of its own', /<!DOCTYPE\s+[\w:.-]{1,60}[^>[]{0,300}\[\s{0,40}(?:<!|%)/i],
  [
    'other documents are included',
    /<xi:include\b|xmlns:xi\s?=\s?["']http:\/\/www\.w3\.org\/2001\/XInclude|<xsl:(?:include|import|value-of|copy-of|message)\b[^>]{0,200}(?:document\(|system-property|php:function|unparsed-text)|<\?xml-stylesheet\b|<msxsl:script|xmlns:(?:php|java|xalan|saxon|rt|ob)\s?=\s?["'](?:http:\/\/(?:php\.net|xml\.apache\.org\/xalan)|java:)/i,
  ],
  [
    'a schema or stylesheet from a file',
    /(?:schemaLocation|noNamespaceSchemaLocation)\s?=\s?["'][^"']{0,100}(?:file:|ftp:|jar:)/i,
  ],
];

export const xml = wakenedBy([{ any: trait.less }], (text) => {
  if (!text.includes('<')) return undefined;
  for (const [reason, shape] of signs) {
    const index = text.search(shape);
    if (index >= 0) return evidence('xml', `XML: ${reason}`, around(text, index), 0.95);
  }
  return undefined;
});

const conditions = shape(
  /['"]\s?\]\s?\|\s?(?:\/|\*)|\bcount\s?\(\s?\/|\/(?:child|parent|following|preceding|ancestor|descendant)::|\bstring-length\s?\(\s?(?:name\s?\(|\/|\.)|\bname\s?\(\s?\/|\bsubstring\s?\(\s?(?:name|\/\/)/,
);

/** XPath: conditions that are always true, and axes, in a value. */
export const xpath = wakenedBy([{ gate: conditions }], (text) =>
  conditions.test(text) ? evidence('xml', 'XPath within a value', text, 0.8) : undefined,
);
