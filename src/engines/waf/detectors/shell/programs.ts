/** Code of languages on the server that starts programs, reads files or makes objects: of Node.js, Ruby, Python, Perl and .NET. */
import { shape } from '../shapes/shape.ts';
import { type Sign, sign } from '../signs.ts';
import { trait } from '../traits.ts';

/** Anywhere in a text. */
export const programSigns: readonly Sign[] = [
  sign(
    'ways to run a program of a language',
    0,
    /\b(?:os\.(?:system|popen|exec[lv]p?e?|spawn\w*)|subprocess\.(?:Popen|call|run|check_output|getoutput)|commands\.getoutput|pty\.spawn|child_process['"]?\s?\)?\s?\.\s?(?:exec|spawn|fork)|\(\s?['"](?:node:)?child_process['"]|_load\s?\(|process\.(?:mainModule|binding|spawn)|global\.process|Kernel\.(?:exec|system|open)|__import__\s?\(|IO\.popen|Process\s?\.\s?spawn|require\s?\(\s?['"](?:fs|vm|os)['"]\s?\)\s?\.\s?(?:read(?:dir|File)|write|append|unlink|run|exec|userInfo|networkInterfaces|hostname|homedir)|\.constructor\._load|execSync|spawnSync|fork\s?\(\s?['"])/,
    trait.dot | trait.parenthesis,
  ),
  sign(
    'files or code are reached by way of Node.js',
    trait.dot | trait.parenthesis,
    /\bprocess\s?\.\s?(?:dlopen|chdir|kill|abort|openStdin|stdout\s?\.\s?write|(?:append|copy|read|write|exec)File|exec|spawn|unlink|rename|readdir|mkdir|rmdir|chmod|chown)(?:Sync)?\s?(?:\.\s?call\s?)?\(|(?<![.\w])fs\s?\.\s?(?:access|appendFile|chmod|chown|copyFile|createReadStream|createWriteStream|exists|link|mkdir|mkdtemp|open|read|readdir|readFile|readlink|rename|rm|rmdir|stat|symlink|truncate|unlink|write|writeFile)(?:Sync)?\s?\(|\bvm\s?\.\s?run(?:In)?\w{4,16}\s?\(|\brequire\s?\.\s?(?:resolve|main|extensions|cache)\b/,
  ),
  sign(
    'a loop without end',
    trait.parenthesis,
    /^[^\n]{0,80}(?:\bfor\s?\(\s?;\s?;\s?\)|\bwhile\s?\(\s?(?:!0|!!1|!false|true|1)\s?\))\s?(?:;|\{|$)/,
  ),
  sign(
    'objects are made from what was sent',
    trait.dot | trait.parenthesis,
    /\b(?:Marshal|YAML|Psych|Oj|pickle|cPickle|_pickle|dill|marshal|shelve|jsonpickle)\s?\.\s?(?:unsafe_)?(?:loads?|restore|decode)\s?\(|\bERB\.new\s?\(/,
  ),
  sign(
    'tags of YAML that make objects',
    trait.bang,
    /!!python\/(?:object|name|module)|!ruby\/(?:object|hash|struct|regexp|exception)|!!(?:javax?|org|com|sun)\.[\w.$]{4,}/,
  ),
  sign(
    'a pickle of Python that calls',
    trait.newline,
    /(?:^|\n)c(?:os|posix|nt|subprocess|builtins|__builtin__|commands|sys)\n(?:system|popen|Popen|call|eval|exec|check_output|getattr)\n/,
  ),
  sign(
    'Ruby evaluates a text',
    0,
    /\b(?:instance|class|module)_(?:eval|exec)\s?[({"']|\bsend\s?\(\s?:?["']?(?:eval|system|exec|instance_eval)\b|^\s?%x\s?[({[][^)}\]]{1,200}[)}\]]\s?$/,
    trait.parenthesis | trait.quote | trait.brace | trait.bracket,
  ),
  sign('Perl evaluates what stands in a text', trait.at | trait.brace | trait.bracket, /@\{\s{0,4}\[/),
  sign(
    '.NET makes objects of types that are named',
    trait.quote | trait.colon,
    /["']\$type["']\s?:\s?["'](?:System|Microsoft)\.|\bObjectDataProvider\b/,
  ),
];

/** What Node.js runs as code, where it begins the value and the value is short. */
export const nodeValue = shape(
  /^[\s"'`;(]{0,4}(?:process\s?\.\s?(?:argv|env|execPath|execArgv|exit|pid|config|versions?|mainModule|cwd|getuid|memoryUsage|stdin|stdout|umask)\b|module\s?\.\s?exports\b|require\s?\.\s?(?:resolve|main|extensions|cache)\b|global(?:This)?\s?\.\s?(?:process|constructor|require|eval|Function)\b|this\s?\.\s?constructor\b|require\s?\(\s?["'`](?:node:)?(?:child_process|fs|vm|os|net|dgram|dns|cluster|repl|module|worker_threads|inspector|v8)["'`]\s?\)|function\s?\(\s?\)\s?\{)|^\s?[!+-]?\(\s?(?:async\s{1,4})?(?:function\s?\w{0,20}\s?\([\w\s,]{0,40}\)\s?\{|\([\w\s,]{0,40}\)\s?=>)/,
);
const longestValue = 200;

export function isNodeValue(text: string): boolean {
  return text.length < longestValue && nodeValue.test(text);
}
