/**
 * PHP's functions by name, as far as other languages and English do not have them: those of PHP's extensions by their first
 * word, all others one by one.
 */

/** Extensions, whose functions all begin with their name and `_`. */
const extensions =
  /^(?:apache|apcu?|bcompiler|bz|cubrid|cyrus|ctype|curl|datefmt|db2|dba|dbase|dbplus|dbx|dio|dom|eio|enchant|exif|fam|fann|fbsql|fdf|filepro|finfo|fribidi|ftp|gc|geoip|gmp|gnupg|grapheme|gupnp|ibase|iconv|id3|idn|ifx|iis|imap|ingres|inotify|intl|intlcal|intltz|kadm5|ldap|libxml|lzf|mailparse|maxdb|mb|mcrypt|mcve|mhash|ming|mqseries|msession|msgfmt|msql|mssql|mysql|mysqli|mysqlnd|ncurses|newt|normalizer|nsapi|numfmt|oci|odbc|opcache|openssl|ovrimos|parsekit|pcntl|pdf|pg|posix|preg|pspell|px|radius|rar|readline|recode|resourcebundle|rpm|rrd|runkit|sem|shmop|simplexml|snmp[23]?|socket|sodium|spl|sqlite|sqlsrv|ssdeep|ssh2|stats|stomp|stream|svn|sybase|tidy|transliterator|tokenizer|trader|udm|uopz|variant|vpopmail|wddx|win32|wincache|xattr|xcache|xdiff|xhprof|xml|xmlrpc|xmlwriter|xslt|yaml|yaz|zend|zip|zlib)_[a-z]\w{1,40}$/;

/** Families whose first word other languages use too: with the second words that PHP has. */
const families = new RegExp(
  `^(?:${[
    'array_(?:change_key_case|chunk|column|combine|count_values|u?diff|u?intersect|fill|filter|flip|key|map|merge|multisort|pad|pop|product|push|rand|reduce|replace|reverse|search|shift|slice|splice|sum|unique|unshift|values|walk|all|any|find)\\w{0,16}',
    'assert_options|base64_(?:de|en)code|call_user_(?:func|method)(?:_array)?|forward_static_call(?:_array)?',
    'cal_(?:days_in_month|from_jd|info|to_jd)|class_(?:alias|exists|implements|parents|uses)|(?:interface|trait|enum|function|method|property)_exists',
    'cli_[gs]et_process_title|collator_\\w{3,30}|com_\\w{3,20}|confirm_\\w{3,20}_compiled|connection_(?:aborted|status|timeout)',
    'convert_(?:cyr_string|uu(?:de|en)code)|count_chars|crack_\\w{4,20}',
    'date_(?:add|create|date_set|default|diff|format|get|interval|isodate|modify|offset|parse|sub|sun|time|timestamp|timezone)\\w{0,28}',
    'debug_(?:backtrace|print_backtrace|zval_refcount)|disk_(?:free|total)_space|dns_(?:check_record|get_(?:mx|record))|easter_da(?:te|ys)',
    'error_(?:clear_last|get_last|log|reporting)|escapeshell(?:arg|cmd)|event_\\w{3,10}_(?:new|set|free|add|enable|disable)|extension_loaded|ezmlm_hash|expect_(?:expectl|popen)',
    'file_(?:exists|get_contents|put_contents)|filter_(?:has_var|id|input|list|var)(?:_array)?|fprintf|fputcsv|func_(?:get_args?|num_args|overload)|frenchtojd',
    'get_(?:browser|called_class|cfg_var|class(?:_(?:constants|methods|vars))?|current_user|debug_type|declared_\\w{6,10}|defined_\\w{4,9}|extension_funcs|headers|html_translation_table|include_path|included_files|loaded_extensions|magic_quotes_\\w{3,7}|mangled_object_vars|meta_tags|object_vars|parent_class|required_files|resource\\w{0,5}|required_files)',
    'hash_(?:algos|copy|equals|file|final|hkdf|hmac\\w{0,11}|init|pbkdf2|update\\w{0,7})|header_(?:register_callback|remove)|headers_(?:list|sent)',
    'highlight_(?:file|string)|html_entity_decode|htmlspecialchars_decode|http_(?:build_query|get_last_response_headers|response_code)|hebrevc?',
    'ignore_user_abort|image_type_to_\\w{9,10}|import_request_variables|inet_(?:ntop|pton)|ini_(?:alter|get|get_all|parse_quantity|restore|set)|iptc(?:embed|parse)',
    'is_(?:a|array|bool|callable|countable|dir|double|executable|file|finite|float|infinite|int|integer|iterable|link|long|nan|null|numeric|object|readable|real|resource|scalar|soap_fault|string|subclass_of|tainted|uploaded_file|writeable|writable)',
    'iterator_(?:apply|count|to_array)|json_(?:decode|encode|last_error|last_error_msg|validate)|key_exists|lcg_value|log_(?:cmd_\\w{4,8}|getmore|killcursor|reply|write_batch)',
    'magic_quotes_runtime|memory_(?:get|reset)_\\w{4,12}|money_format|move_uploaded_file|msg_(?:get|queue_exists|receive|remove|send|set|stat)_?\\w{0,10}|mt_(?:getrandmax|s?rand)|m(?:d5|b5)_file',
    'net_get_interfaces|nl_langinfo|number_format|ob_(?:clean|deflatehandler|end\\w{0,6}|etaghandler|flush|get_\\w{3,8}|gzhandler|iconv_handler|implicit_flush|inflatehandler|list_handlers|start|tidyhandler)',
    'output_(?:add_rewrite_var|reset_rewrite_vars|cache_\\w{3,8})|override_function|parse_(?:ini_file|ini_string|str|url)|password_(?:get_info|hash|needs_rehash|verify|algos)',
    'php_(?:check_syntax|egg_logo_guid|ini_loaded_file|ini_scanned_files|logo_guid|real_logo_guid|sapi_name|strip_whitespace|uname)|phpcredits|phpinfo|phpversion|print_r',
    'proc_(?:close|get_status|nice|open|terminate)|ps_(?:add|arc|begin|close|curveto|end|fill|find|get|include|line|load|make|new|open|place|rect|rotate|set|shading|show|string|stroke|symbol|translate)\\w{0,16}',
    'quoted_printable_(?:de|en)code|random_(?:bytes|int)|realpath_cache_(?:get|size)|register_(?:shutdown|tick)_function|rename_function|restore_(?:error|exception)_handler|restore_include_path',
    'session_(?:abort|cache_\\w{6,8}|commit|create_id|decode|destroy|encode|gc|get_cookie_params|id|is_registered|module_name|name|pgsql_\\w{4,16}|regenerate_id|register\\w{0,9}|reset|save_path|set_\\w{8,16}|start|status|unregister|unset|write_close)',
    'set_(?:error_handler|exception_handler|file_buffer|include_path|magic_quotes_runtime|socket_blocking|time_limit)|sha1_file|shell_exec|shm_(?:attach|detach|get_var|has_var|put_var|remove|remove_var)|show_source|similar_text|solr_get_version|stats_\\w{4,30}',
    'str_(?:contains|ends_with|getcsv|ireplace|pad|repeat|replace|rot13|shuffle|split|starts_with|word_count|decrement|increment)|strip_tags|substr_(?:compare|count|replace)|swf_\\w{4,20}|swoole_\\w{4,30}|sys_(?:get_temp_dir|getloadavg)',
    'time_(?:nanosleep|sleep_until)|timezone_(?:abbreviations|identifiers|location|name|offset|open|transitions|version)\\w{0,12}|token_(?:get_all|name)|trigger_error|unregister_tick_function|use_soap_error_handler|user_error|utf8_(?:de|en)code',
    'var_(?:dump|export)|version_compare|virtualenv_exec|xmldoc(?:file)?|zend_\\w{4,30}',
    // Without a word of their own.
    'snmp(?:get|getnext|realwalk|set|walk|walkoid)|gz(?:close|compress|decode|deflate|encode|eof|file|getc|getss?|inflate|open|passthru|puts|read|rewind|seek|tell|uncompress|write)|bz(?:close|compress|decompress|errno|error|errstr|flush|open|read|write)',
    'fclose|feof|fflush|fgetc|fgetcsv|fgetss?|file(?:atime|ctime|group|inode|mtime|owner|perms|size|type)|fopen|fpassthru|fputs|fread|fscanf|fsockopen|fstat|ftell|ftok|ftruncate|fwrite|pfsockopen|pclose|readfile|readlink|readgzfile|readdir|rewinddir|scandir|opendir|closedir|tempnam|tmpfile|linkinfo|lchgrp|lchown|lstat|pathinfo|clearstatcache|diskfreespace|getcwd|chdir|passthru|popen|putenv|getenv|get(?:allheaders|lastmod|mxrr|rusage|opt|randmax|myuid|mygid|mypid|myinode|hostname|hostbyname|hostbynamel|hostbyaddr|protobyn(?:ame|umber)|servby(?:name|port)|imagesize(?:fromstring)?|text|date|type|timeofday)',
    'addcslashes|addslashes|stripc?slashes|chunk_split|explode|implode|htmlentities|htmlspecialchars|lcfirst|localeconv|nl2br|setlocale|str(?:ip|ri|r|i)pos|stristr|strnat(?:case)?cmp|strncasecmp|strpbrk|strrchr|strrev|strtotime|strtoupper|strtolower|strtr|sscanf|substr_count|ucfirst|ucwords|vs?f?printf|wordwrap|quotemeta|setcookie|setrawcookie|hex2bin|bin2hex|base_convert|bindec|decbin|dechex|decoct|hexdec|octdec|deg2rad|rad2deg|intdiv|boolval|doubleval|floatval|intval|strval|settype|unserialize|create_function|usleep|uniqid|unpack|lcg_value|mktime|gmmktime|gmdate|gmstrftime|idate|microtime|strftime|strptime|checkdate|checkdnsrr|hrtime|jd(?:dayofweek|monthname|tofrench|togregorian|tojewish|tojulian|tounix)|(?:gregorian|jewish|julian|french|unix)tojd|ip2long|long2ip|openlog|closelog|fnmatch|nl_langinfo|define_syslog_variables|array_walk|natcasesort|natsort|arsort|asort|krsort|ksort|rsort|uasort|uksort|usort|in_array|zip_open|aspell_\\w{3,16}|dbmopen|bcpowmod|bc(?:add|comp|div|mod|mul|pow|sqrt|scale|sub)|textdomain|[dn]{1,2}c?gettext|bindtextdomain|bind_textdomain_codeset',
    'image(?:create\\w{0,20}|copy\\w{0,16}|color\\w{4,20}|fill\\w{0,12}|filter|ftbbox|fttext|ttf\\w{4}|jpeg|png|gif2?|wbmp|xbm|webp|gd2?|interlace|istruecolor|layereffect|loadfont|palette\\w{4,14}|polygon|rectangle|resolution|rotate|savealpha|sx|sy|truecolor\\w{0,16}|affine\\w{0,20}|alphablending|antialias|arc|charup|crop\\w{0,4}|dashedline|destroy|ellipse|gammacorrect|grabscreen|grabwindow|convolution|ps\\w{4,12}|2wbmp)',
  ].join('|')})$`,
);

/** In lower case. */
export function isPhpFunction(name: string): boolean {
  return extensions.test(name) || families.test(name);
}
