/** Template injection: expressions of template engines that compute or reach for more than a page's own values. `{{name}}` passes. */
import { wakenedBy } from './cues.ts';
import { around, evidence } from './evidence.ts';
import { Gate, type Shape, shape } from './shapes/shape.ts';
import { trait, traitsOf } from './traits.ts';

/** What stands in an expression. Two numbers to multiply are how an attacker asks whether there is an engine. */
const probes =
  /^\s{0,8}["'(]{0,3}\d{1,10}["')]{0,3}\s?[*+\-/%]\s?["'(]{0,3}\d{1,10}["')]{0,3}\s{0,8}$|^\s{0,4}\d{1,8}\s?\*\s?["']\d{1,8}["']/;
const reaches =
  /__(?:class|mro|base|bases|globals|subclasses|import|init|builtins|getattribute|dict|proto)__|\b(?:lipsum|cycler|joiner|namespace|get_flashed_messages|url_for|config|self|request)\s?(?:\.\s?(?:__|application|environ|items|args|cookies|from_object|_TemplateReference|\w+\.__)|\|\s?attr|\[\s?['"]__|\.?\s?$)|\|\s?attr\s?\(|\bconstructor\b|\bprototype\b|\.getClass\b|\bclass\.|\bT\s?\(|\bjava\.|\bRuntime\b|\bProcessBuilder\b|\bfreemarker\.|\?new\s?\(|\?api\b|\b(?:system|exec|passthru|shell_exec|popen|eval|file_get_contents|sleep|phpinfo|getenv|fopen|include|readfile|print_r|var_dump|proc_open|assert)\s?\(|\b_self\b|\bregisterUndefined|\bgetFilter\b|['"][\w ]{1,40}['"]\s?\|\s?(?:filter|map|sort|reduce)\s?\(\s?['"]?(?:system|exec|passthru)|\$(?:eval|on|parent|root|watch|apply|new)\b|\brequire\s?\(|\bprocess\.(?:mainModule|binding|env|exit|kill|stdin|stdout\.write)|\bglobal\.|\bmainModule\b|\bchild_process\b|\bFile\.(?:open|read)|\bDir\.|\bIO\.|\bKernel\b|%x[({]|\bopen\s?\(|#(?:_memberAccess|context|this\b)|@java|\balert\s?\(|\bSystem\.|\bdump\s?\(|\bgetSystemService|\bself\.module|\bcaller\b.*__|\bclassLoader\b|\bstatic_files\b|\bENV\[|\bsession\.|\bapp\.request|\bsettings\.SECRET|\bdebug\b\s?$/i;

const openers: readonly (readonly [open: string, close: string])[] = [
  ['{{', '}}'],
  ['${', '}'],
  ['#{', '}'],
  ['*{', '}'],
  ['%{', '}'],
  ['@{', '}'],
  ['~{', '}'],
  ['<%', '%>'],
  ['{%', '%}'],
  ['[[', ']]'],
  ['{php}', '{/php}'],
  ['$A{', '}'],
  ['@(', ')'],
  ['@{[', ']}'],
];

const mostExpressions = 200;
const longestExpression = 400;

const alone: readonly (readonly [reason: string, shape: Shape])[] = [
  [
    'Velocity sets or calls',
    shape(
      /#set\s?\(\s?\$\w+\s?=|\$(?:class|ex|rt|str|chr|out)\.(?:inspect|forName|getRuntime|exec|class)|#foreach\s?\(\s?\$\w+\s+in\s+\[\d/i,
    ),
  ],
  ['Freemarker makes an object', shape(/<#assign\s+\w+\s?=|\bfreemarker\.template\.utility\b|\[#assign\b/i)],
  [
    'Smarty runs code',
    shape(/\{(?:php|literal|fetch|include_php|if\s+\w+\s?\()\b[^}]{0,80}[}()]|\{self::|\{\$smarty\./i),
  ],
  [
    'Python’s objects are climbed',
    shape(
      /__(?:subclasses|globals|builtins|mro|bases?)__|__class__\s?(?:\.\s?__(?!name|module|doc)|\[)|__init__\s?\.\s?__|\b__import__\s?\(\s?['"](?:os|subprocess|sys|pty|builtins)/,
    ),
  ],
  [
    'Razor or ASP runs code',
    shape(
      /@\(\s?\d+\s?[*+-]\s?\d+\s?\)|@\{\s?\/\/|<%=?\s?(?:\d+\s?[*+-]\s?\d+|eval|execute|system|exec|Runtime|request\b|`)/i,
    ),
  ],
  [
    'Jade or Pug runs code',
    shape(/(?:^|\n)\s{0,4}[-=#]\s?(?:var\s+\w+\s?=\s?)?(?:root\.process|global\.process|process\.mainModule)/),
  ],
];

const cues = [{ gate: new Gate(openers.map(([open]) => open)) }, ...alone.map(([, gate]) => ({ gate }))];

export const template = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if (text.length < 4) return undefined;
  if ((traits & (trait.brace | trait.bracket | trait.percent | trait.at)) !== 0) {
    for (const [open, close] of openers) {
      let count = 0;
      for (
        let index = text.indexOf(open);
        index >= 0 && count < mostExpressions;
        index = text.indexOf(open, index + 1)
      ) {
        count++;
        const from = index + open.length;
        const end = text.indexOf(close, from);
        const inner = text.slice(from, Math.min(end < 0 ? text.length : end, from + longestExpression));
        const isShort = open === '[[' || open === '@(';
        if (end >= 0 && open !== '<%' && probes.test(inner)) {
          return evidence('template', 'an expression that computes a probe', around(text, index), 0.9);
        }
        if (!isShort && (end >= 0 || open !== '<%') && isTelling(open, inner, traits)) {
          return evidence('template', 'an expression that reaches for the program', around(text, index), 0.85);
        }
      }
    }
  }
  if (
    (traits & (trait.hash | trait.less | trait.brace | trait.at | trait.newline | trait.equals)) === 0 &&
    !text.includes('__')
  )
    return undefined;
  for (const [reason, shape] of alone) {
    const index = shape.search(text);
    if (index >= 0) return evidence('template', reason, around(text, index), 0.85);
  }
  return undefined;
});

/** JavaScript writes `${…}` and `{{…}}` too: what pages hold there is let through. */
function isTelling(open: string, inner: string, traits: number): boolean {
  if (!reaches.test(inner)) return false;
  if (open === '${' || open === '#{' || open === '[[') {
    // Configuration and code that names a setting.
    return !/^\s?(?:self|config|request|session)\.?[\w.]*\s?$/i.test(inner);
  }
  if (open === '{{' && /^\s?(?:config|self|request)\s?$/i.test(inner))
    return (traits & trait.blank) === 0 || inner.length > 0;
  return !/^\s?(?:request|session|self|config)\.(?:user|path|host|name|url|method|title|id|lang\w*)\b[\w.]*\s?$/i.test(
    inner,
  );
}
