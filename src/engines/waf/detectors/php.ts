/** PHP: code, calls of functions that run programs or code, superglobals, wrappers, serialized objects. */
import { cuesOf, wakenedBy } from './cues.ts';
import type { Detector } from './detector.ts';
import { evidence } from './evidence.ts';
import { calledFunction } from './php-calls.ts';
import { shape } from './shapes/shape.ts';
import { findSign, type Sign, sign } from './signs.ts';
import { trait, traitsOf } from './traits.ts';

/** Those that are verbs of English or of other languages' libraries, and many more: only with what PHP has around calls. */
const plain =
  'exec|system|eval|assert|sleep|usleep|include|require|unlink|rmdir|mkdir|chmod|chown|chgrp|copy|rename|touch|link|mail|print|echo|die|exit|extract|virtual|glob|constant|defined|chr|ord|rand|implode|symlink|dl|getcwd|usort|popen|syslog|strrev|strtr|hebrevc?|soundex|metaphone|levenshtein';

const signs: Sign[] = [
  sign(
    'PHP code begins',
    0,
    /<\?(?:php\b|=|\s{1,4}(?:echo|eval|system|exec|passthru|include|require|print|if|\$_|@)\b)|\[[/\\]?php\]|<script\s[^>]{0,40}language\s?=\s?["']?php/i,
  ),
  sign(
    'PHP code begins as it may on old servers',
    trait.less,
    // Not what XML has there: its declaration, Office’s namespaces, instructions with attributes. Nor bytes of an image.
    /<\?(?!xml[\s:-]|(?:xpacket|adobe|mso|import|pi|fo|dbfo|oxygen|qti)\b|[\w-]{1,40}\s{1,8}[\w:-]{1,40}\s?=\s?["'])(?:[\t\n\r\x20-\x7e]{12}|[\t\n\r\x20-\x7e]{0,11}$)/i,
  ),
  sign(
    'a superglobal',
    0,
    /\$(?:_(?:GET|POST|COOKIE|REQUEST|SERVER|FILES|ENV|SESSION)\b|GLOBALS\b|HTTP_(?:RAW_POST_DATA|[A-Z]{3,7}_(?:VARS|FILES))\b|arg[cv]\b|http_response_header\b|php_errormsg\b|\{_(?:GET|POST|REQUEST|COOKIE))|\b_(?:GET|POST|SERVER|SESSION|COOKIE|REQUEST)\[['"\w]/,
    trait.dollar | trait.bracket,
  ),
  sign(
    'a serialized PHP object',
    trait.colon | trait.quote,
    /(?:^|[;{:"'=\s])[OCo]:\+?\d{1,3}:(?:\\?["'])[\w\\]{1,80}(?:\\?["']):\+?\d{1,4}:\{|(?:^|[;{"'=])a:\d{1,4}:\{(?:s:\d{1,4}:|i:\d)[^\n]{0,120}O:\d|^s:\d{1,4}:"[^"\n]{1,200}";s:\d{1,5}:"/,
  ),
  sign(
    'a function of PHP is called with code or a program',
    trait.parenthesis,
    new RegExp(
      `(?:^|[^\\w$.>-])(?:(?:exec|system|eval|assert|popen|unlink|dl|chroot|symlink)\\s{0,4}\\((?:\\s?(?:["'\`][^"'\`\\n]{1,200}["'\`]\\s?\\)|\\$\\w|@|base64|chr\\s?\\(|implode|print|["'\`]?(?:whoami|id|pwd|ls|cat|uname|phpinfo|dir|net|echo|ping)\\b)|\\s?\\)\\s?;?$)|(?:${plain})\\s{0,4}\\(\\s?(?:base64|chr\\s?\\(|\\$_|@\\$)|(?:chr|unpack|pack)\\s?\\(\\s?(?:\\d{1,3}\\s?\\)|\\$|\\)))|\\(\\s?\\$\\w{1,30}\\s?\\)\\s?\\(`,
      'i',
    ),
  ),
  sign(
    'a program is run behind a comment',
    trait.parenthesis,
    /\b(?:exec|system|passthru|eval|file|assert|popen)\s{0,4}(?:\/\/[^\n]{0,40}\n|#[^\n]{0,40}\n|\/\*[^*]{0,40}\*\/)\s{0,4}\(/i,
  ),
  sign(
    'a variable of PHP is called',
    trait.dollar | trait.parenthesis,
    /^[^\n]{0,40}?(?:^|[=;@(.\s])\$\s?\{?[@$]{0,3}[a-zA-Z_'"][\w'".>-]{0,40}\}?\s?(?:[[{][^\]}\n]{0,24}[\]}]\s?|#[^\n]{0,20}\n\s?|\/\/[^\n]{0,20}\n\s?|\/\*[^*]{0,20}\*\/\s?|\r?\n\s?){0,6}\([^()\n]{0,60}\)[\s;.)]{0,4}(?:\$\w+\([^()]{0,20}\))?$|\w::\$\w{1,40}\s?\(/,
  ),
  sign(
    'a text of PHP is called',
    0,
    /["'](?:system|exec|passthru|shell_exec|assert|phpinfo|popen|proc_open|eval|print_r|var_dump|file_get_contents|show_source|highlight_file|readfile|call_user_func|create_function|array_map|base64_decode|pcntl_exec)["']\s?\)?\s?\(|\[\s?["']?(?:system|exec|passthru|shell_exec|assert|phpinfo|popen|proc_open|eval|print_r|var_dump|file_get_contents|show_source|highlight_file|readfile|call_user_func|create_function|array_map|base64_decode|pcntl_exec)["']?\s?\]|\(["']?(?:system|exec|passthru|shell_exec|assert|phpinfo|popen|proc_open|eval|print_r|var_dump|file_get_contents|show_source|highlight_file|readfile|call_user_func|create_function|array_map|base64_decode|pcntl_exec)["']?\)\s?\(|["']\s?\.\s?["']\w{1,20}["']\s?\)\s?\(|\{\w{0,12}\}\s?\(\s?'\w{1,40}'\s?\)\s?;|\$\s?\{\s?['"]\w{1,20}['"]\s?\}/i,
    trait.parenthesis | trait.bracket | trait.brace,
  ),
  sign(
    'a variable function or property of PHP',
    trait.dollar,
    /\$\{?\$?\w{1,40}\}?\s?(?:\[['"]?\w{1,40}['"]?\]\s?)?\(\s?\$\{?_?\w|\$\{@?(?:print|system|exec|phpinfo|passthru|eval|proc_open|popen|assert|sleep|die|shell_exec)\b|\$\w{1,20}\s?=\s?(?:["'][^"'\n]{1,80}["']\s?;\s?@?\$\w{1,20}\s?\(|(?:str_replace|base64_decode|chr|create_function|\$_))|\(\s?["'][a-z_]{3,20}["']\s?\)\s?\(\s?["']?\w/i,
  ),
  sign('code printed by way of backquotes', trait.backtick, /\bprint\s?\(?\s?`[^`]{1,200}`|\becho\s?`[^`]{1,200}`/),
  sign('a wrapper of PHP', trait.colon | trait.slash, /\b(?:php|expect|phar|zlib|glob|bzip2|ogg|rar):\/\//i),
  sign(
    'ASP code of a web shell',
    0,
    /\be\s?v\s?a\s?l\s?\(\s?["']?(?:request|ex"|execute|chr\()|\bexecute(?:global)?\s?\(\s?(?:request|chr|"")|\bServer\.(?:ScriptTimeout|CreateObject|MapPath)\b|\bWScript\.Shell\b|\bScripting\.FileSystemObject\b|\bResponse\.Write\s?\(|\bSystem\.IO\.|<jsp:(?:root|scriptlet)/i,
    trait.parenthesis | trait.dot | trait.less,
  ),
];

/** A name of several words right before a sign that sets it. */
const setting = /[_.]\w{2,40}\s?(?:=|%3d|["'])/i;
const settings = shape(
  /\b(?:auto_(?:prepend|append)_file|auto_(?:detect_line_endings|globals_jit)|allow_(?:url_(?:include|fopen)|call_time_pass_reference)|always_populate_raw_post_data|arg_separator\.(?:in|out)put|asp_tags|browscap|date\.(?:default_l\w{3,7}|timezone|sun\w{3,12})|default_(?:mimetype|socket_timeout)|disable_(?:functions|classes)|display_(?:errors|startup_errors)|docref_(?:ext|root)|doc_root|enable_(?:dl|post_data_reading)|error_(?:append_string|prepend_string|reporting)|expose_php|extension_dir|zend_extension\w{0,9}|fastcgi\.(?:impersonate|logging)|file_uploads|gpc_order|hard_timeout|highlight\.(?:bg|comment|default|html|keyword|string)|html_errors|ignore_(?:repeated_(?:errors|source)|user_abort)|implicit_flush|include_path|input_encoding|internal_encoding|log_errors(?:_max_len)?|magic_quotes_\w+|max_(?:execution_time|file_uploads|input_\w{4,14})|memory_limit|open_basedir|output_(?:buffering|encoding|handler)|post_max_size|realpath_cache_\w+|register_(?:argc_argv|globals|long_arrays)|report_(?:memleaks|zend_debug)|safe_mode\w*|sendmail_(?:from|path)|serialize_precision|short_open_tag|smtp_port|sql\.safe_mode|sys_temp_dir|track_(?:errors|vars)|unserialize_(?:callback_func|max_depth)|upload_(?:max_filesize|tmp_dir)|url_rewriter\.tags|variables_order|windows\.show_crt_warning|xmlrpc_errors?(?:_number)?|xbithack|y2k_compliance|(?:apc|assert|bcmath|cgi|child_terminate|cli_server|com|curl|engine|exif|expect|fbsql|filter|gd|geoip|ibase|iconv|imagick|imap|intl|last_modified|ldap|mail|mailparse|mbstring|mcrypt|memcached?|mime_magic|msql|mssql|mysql|mysqli|mysqlnd|nsapi|oci8|odbc|opcache|openssl|pcre|pdo|pdo_odbc|pfpro|pgsql|phar|runkit|session|soap|sqlite3?|suhosin|sybase|sybct|sysvshm|tidy|uploadprogress|user_ini|wincache|xcache|xdebug|zend|zlib)\.(?:[a-z]+_[a-z_]+|jit|enable|name|caching|debug|simulation|log|active|bail|callback|exception|warning|default|readonly|require_hash|coverage|language|func_overload|preload|url_rewriter|script_encoding|multibyte|assertions|backtrack|recursion))\s?(?:=|%3d|\b["'])/i,
);

const needed =
  trait.parenthesis | trait.less | trait.dollar | trait.backtick | trait.colon | trait.equals | trait.bracket;

const cues = [
  { any: trait.parenthesis },
  { any: trait.equals | trait.percent | trait.quote, gate: settings },
  ...cuesOf(signs),
];

export const php = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if ((traits & needed) === 0 || text.length < 4) return undefined;
  const found = findSign('php', text, traits, signs, 0.9);
  if (found !== undefined) return found;
  if ((traits & (trait.equals | trait.percent | trait.quote)) !== 0 && settings.test(text) && setting.test(text)) {
    return evidence('php', 'settings of PHP', text, 0.9);
  }
  if ((traits & trait.parenthesis) === 0) return undefined;
  const name = calledFunction(text);
  return name === undefined
    ? undefined
    : evidence('php', `a function of PHP that runs, reads or reveals: ${name}`, text, 0.85);
});

const script =
  /^[^\n]{0,200}\.\s?(?:php\d{0,4}|phtml|phar|phps|pht|jspx?|jspf|aspx?|asa|ashx|asmx|cgi|htaccess|user\.ini|shtml)(?:[.\s:;]{0,40}|[.:;]?(?:\0|%00)[\w.]{0,8}|[.;:][\w.]{0,8})$/i;

/** For the names of files in uploads only. */
export const scriptFileName: Detector = (name) =>
  script.test(name) ? evidence('php', 'a file name of a script in an upload', name, 0.85) : undefined;
