/** PHP: code, calls of functions that run programs or code, superglobals, wrappers, serialized objects. */
import type { Detector } from './detector.ts';
import { evidence } from './evidence.ts';
import { findSign, type Sign, sign } from './signs.ts';
import { trait, traitsOf } from './traits.ts';

/** Functions that no visitor names with a bracket behind. */
const running =
  'shell_exec|passthru|proc_open|proc_nice|proc_terminate|pcntl_exec|pcntl_fork|call_user_func(?:_array)?|create_function|file_get_contents|file_put_contents|fsockopen|pfsockopen|base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|convert_uuencode|convert_uudecode|phpinfo|phpversion|php_uname|php_sapi_name|php_strip_whitespace|ini_set|ini_get(?:_all)?|ini_restore|get_defined_vars|get_defined_functions|get_cfg_var|getenv|putenv|posix_\\w{3,20}|popen|highlight_file|show_source|readfile|readlink|readgzfile|readdir|scandir|opendir|glob|fopen|fwrite|fputs|fread|fgets|file_exists|is_readable|is_writable|move_uploaded_file|curl_exec|curl_init|curl_multi_exec|preg_replace(?:_callback)?|register_shutdown_function|register_tick_function|set_error_handler|set_exception_handler|set_include_path|set_magic_quotes_runtime|spl_autoload_register|unserialize|var_dump|var_export|print_r|debug_backtrace|error_log|array_map|array_filter|array_walk(?:_recursive)?|array_diff_ukey|array_diff_uassoc|array_udiff\\w*|array_uintersect\\w*|array_intersect_u\\w+|array_reduce|usort|uasort|uksort|func_get_args|iterator_apply|ob_start|parse_str|extract|mb_ereg_replace|mb_parse_str|get_current_user|getmy(?:uid|pid|gid|inode)|getcwd|chdir|chroot|dl|ftp_\\w{3,20}|ssh2_\\w{3,20}|mysql_(?:query|connect)|mysqli_\\w{3,20}|pg_(?:connect|query)|sqlite_\\w{4,20}|odbc_\\w{4,20}|imap_open|ldap_connect|simplexml_load_\\w{4,8}|xml_parse\\w{0,16}|zend_\\w{4,30}|apache_(?:setenv|child_terminate|get_modules|note|request_headers)|virtual|symlink|tempnam|tmpfile|escapeshell(?:arg|cmd)|gethostby(?:name|addr)l?|dns_get_\\w{2,10}|getservby\\w{4}|socket_\\w{4,20}|stream_\\w{4,30}|hex2bin|bin2hex|chr|ord|strrev|implode|str_replace|constant|defined|get_object_vars|get_class_methods|get_parent_class|method_exists|is_callable|assert|sys_getloadavg|sys_get_temp_dir|disk_\\w{4,12}|openlog|syslog|set_time_limit|ignore_user_abort|header_register_callback|sodium_\\w{4,60}|openssl_\\w{4,30}|tidy_\\w{4,30}|filter_(?:var|input)\\w{0,8}|eval|exec|system|sleep|usleep|include|require|unlink|rmdir|mkdir|chmod|chown|chgrp|copy|rename|touch|link|mail|print|echo|die|exit|phpcredits|zlib_\\w{4,14}|shm\\w{2,12}|lcg_value|rand|md5_file|sha1_file|parse_ini_(?:file|string)|exif_\\w{4,14}|getimagesize|image\\w{4,24}|iptc\\w{4,8}|bzopen|gzopen|gzfile|fputcsv|fgetcsv|fgetss?|fpassthru|fscanf|ftok|fileperms|fileowner|filegroup|fileinode|filesize|filetype|diskfreespace|escapeshellcmd|session_\\w{4,24}|setcookie|setlocale|hebrevc?|nl2br|quotemeta|strtr|substr_\\w{4,10}|ucwords|wordwrap|levenshtein|metaphone|similar_text|soundex|array_\\w{3,20}|mb_\\w{4,24}|date_\\w{3,30}|gmp_\\w{3,14}|cal_\\w{4,20}|ctype_\\w{4,8}|intl_\\w{4,20}|collator_\\w{4,20}|numfmt_\\w{4,20}|datefmt_\\w{4,20}|token_\\w{3,8}|libxml_\\w{4,24}|dom_\\w{4,16}|spl_\\w{4,20}|iterator_\\w{4,10}|class_\\w{4,12}|hash_\\w{4,12}|password_\\w{4,12}|random_\\w{3,5}|opcache_\\w{4,20}|cli_\\w{4,20}|gc_\\w{4,20}|get_\\w{4,24}|is_\\w{4,14}';

/** Those that are verbs of English or of other languages' libraries, and many more: only with what PHP has around calls. */
const plain =
  'exec|system|eval|assert|sleep|usleep|include|require|unlink|rmdir|mkdir|chmod|chown|chgrp|copy|rename|touch|link|mail|print|echo|die|exit|extract|virtual|glob|constant|defined|chr|ord|rand|implode|symlink|dl|getcwd|usort|popen|syslog|strrev|strtr|hebrevc?|soundex|metaphone|levenshtein';

const families =
  /^(?:posix|ftp|ssh2|mysqli|pg|sqlite|odbc|zend|socket|stream|disk|sodium|openssl|tidy|zlib|shm|exif|gmp|ctype|intl|collator|numfmt|datefmt|libxml|dom|spl|iterator|opcache|cli|gc|apache|simplexml|xml_parse|array_u|array_intersect_u|filter_(?:var|input)|substr|iptc)_[a-z]\w{1,}$/;

const named: ReadonlySet<string> = new Set(
  running
    .replace(/\(\?:([^)]*)\)\??/g, '')
    .split('|')
    .filter((name) => /^\w{3,}$/.test(name) && !plain.split('|').includes(name))
    .concat(
      'call_user_func_array',
      'ini_get_all',
      'getmyuid',
      'getmypid',
      'gethostbyname',
      'gethostbyaddr',
      'gethostbynamel',
      'mysql_query',
      'mysql_connect',
      'mysql_connect',
      'pg_connect',
      'pg_query',
      'escapeshellarg',
      'preg_replace_callback',
      'array_walk_recursive',
      'parse_ini_file',
      'parse_ini_string',
    ),
);

const mostCalls = 2000;

/** Functions with a bracket behind, blanks and comments between them passed over. */
function calledFunction(text: string): string | undefined {
  let count = 0;
  for (let index = text.indexOf('('); index > 0 && count < mostCalls; index = text.indexOf('(', index + 1)) {
    count++;
    let end = index;
    while (end > 0 && /[\s\\]/.test(text[end - 1]!) && index - end < 12) end--;
    if (text[end - 1] === '/' && text[end - 2] === '*') {
      const start = text.lastIndexOf('/*', end - 2);
      if (start >= 0 && end - start < 64) end = start;
      while (end > 0 && text[end - 1] === ' ' && index - end < 80) end--;
    }
    let start = end;
    while (start > 0 && end - start < 48 && /\w/.test(text[start - 1]!)) start--;
    if (end - start < 4 || /[.$>-]/.test(text[start - 1] ?? '')) continue;
    const name = text.slice(start, end).toLowerCase();
    if (named.has(name) || families.test(name)) return name;
    // Letters put in front, which what strips them takes away again.
    for (let cut = 1; cut <= 6 && name.length - cut >= 9; cut++) {
      if (named.has(name.slice(cut))) return name.slice(cut);
    }
  }
  return undefined;
}

const signs: Sign[] = [
  sign(
    'PHP code begins',
    0,
    /<\?(?:php\b|=|\s{1,4}(?:echo|eval|system|exec|passthru|include|require|print|if|\$_|@)\b)|\[\/?php\]|<script\s[^>]{0,40}language\s?=\s?["']?php/i,
  ),
  sign(
    'a superglobal',
    0,
    /\$(?:_(?:GET|POST|COOKIE|REQUEST|SERVER|FILES|ENV|SESSION)\b|GLOBALS\b|HTTP_(?:RAW_POST_DATA|GET_VARS|POST_VARS|COOKIE_VARS|SERVER_VARS)\b|\{_(?:GET|POST|REQUEST|COOKIE))|\b_(?:GET|POST|SERVER|SESSION|COOKIE|REQUEST)\[['"\w]/,
  ),
  sign(
    'a serialized PHP object',
    trait.colon | trait.quote,
    /(?:^|[;{:"'=\s])[OC]:\+?\d{1,3}:(?:\\?["'])[\w\\]{1,80}(?:\\?["']):\+?\d{1,4}:\{|(?:^|[;{"'=])a:\d{1,4}:\{(?:s:\d{1,4}:|i:\d)[^\n]{0,120}O:\d|^s:\d{1,4}:"[^"\n]{1,200}";s:\d{1,5}:"/,
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
  ),
  sign(
    'a variable function or property of PHP',
    trait.dollar,
    /\$\{?\$?\w{1,40}\}?\s?(?:\[['"]?\w{1,40}['"]?\]\s?)?\(\s?\$\{?_?\w|\$\{@?(?:print|system|exec|phpinfo|passthru|eval|proc_open|popen|assert|sleep|die|shell_exec)\b|\$\w{1,20}\s?=\s?(?:["'][^"'\n]{1,80}["']\s?;\s?@?\$\w{1,20}\s?\(|(?:str_replace|base64_decode|chr|create_function|\$_))|\(\s?["'][a-z_]{3,20}["']\s?\)\s?\(\s?["']?\w/i,
  ),
  sign('code printed by way of backquotes', trait.backtick, /\bprint\s?\(?\s?`[^`]{1,200}`|\becho\s?`[^`]{1,200}`/),
  sign('a wrapper of PHP', trait.colon | trait.slash, /\b(?:php:\/\/|expect:\/\/|phar:\/\/|zlib:\/\/|glob:\/\/)/i),
  sign(
    'settings of PHP',
    0,
    /\b(?:auto_(?:prepend|append)_file|auto_(?:detect_line_endings|globals_jit)|allow_(?:url_(?:include|fopen)|call_time_pass_reference)|always_populate_raw_post_data|arg_separator\.\w+|asp_tags|assert\.(?:active|bail|callback|exception|quiet_eval|warning)|browscap|default_socket_timeout|disable_(?:functions|classes)|display_(?:errors|startup_errors)|docref_(?:ext|root)|enable_(?:dl|post_data_reading)|error_(?:append|prepend)_string|expose_php|extension_dir|file_uploads|filter\.default|html_errors|ignore_(?:repeated_(?:errors|source)|user_abort)|implicit_flush|include_path|log_errors(?:_max_len)?|magic_quotes_\w+|mail\.(?:add_x_header|force_extra_parameters|log)|max_input_(?:vars|time|nesting_level)|open_basedir|output_(?:buffering|handler)|realpath_cache_\w+|register_(?:argc_argv|globals|long_arrays)|report_memleaks|safe_mode\w*|session\.(?:auto_start|save_handler|save_path|use_\w+|cookie_\w+|gc_\w+|name)|short_open_tag|suhosin\.simulation|cgi\.force_redirect|sys_temp_dir|unserialize_callback_func|upload_(?:max_filesize|tmp_dir)|user_ini\.\w+|variables_order|xmlrpc_errors?|zend\.\w+)\s?(?:=|%3d|\b["'])/i,
  ),
  sign(
    'ASP code of a web shell',
    0,
    /\be\s?v\s?a\s?l\s?\(\s?["']?(?:request|ex"|execute|chr\()|\bexecute(?:global)?\s?\(\s?(?:request|chr|"")|\bServer\.(?:ScriptTimeout|CreateObject|MapPath)\b|\bWScript\.Shell\b|\bScripting\.FileSystemObject\b|\bResponse\.Write\s?\(|\bSystem\.IO\.|<jsp:(?:root|scriptlet)/i,
  ),
];

const needed =
  trait.parenthesis | trait.less | trait.dollar | trait.backtick | trait.colon | trait.equals | trait.bracket;

export const php: Detector = (text) => {
  const traits = traitsOf(text);
  if ((traits & needed) === 0 || text.length < 4) return undefined;
  const found = findSign('php', text, traits, signs, 0.9);
  if (found !== undefined || (traits & trait.parenthesis) === 0) return found;
  const name = calledFunction(text);
  return name === undefined
    ? undefined
    : evidence('php', `a function of PHP that runs, reads or reveals: ${name}`, text, 0.85);
};

const script =
  /^[^\n]{0,200}\.\s?(?:php\d{0,4}|phtml|phar|phps|pht|jspx?|jspf|aspx?|asa|ashx|asmx|cgi|htaccess|user\.ini|shtml)(?:[.\s:;]{0,40}|[.:;]?(?:\0|%00)[\w.]{0,8}|[.;:][\w.]{0,8})$/i;

/** For the names of files in uploads only. */
export const scriptFileName: Detector = (name) =>
  script.test(name) ? evidence('php', 'a file name of a script in an upload', name, 0.85) : undefined;
