/**
 * SQL's words, each with the one letter that stands for it in a sketch. The letters:
 * `E` select, `U` union, `&` and/or, `!` not, `=` comparison, `k` from, `w` where, `h` having, `B` group or order by,
 * `l` limit, `i` into, `j` join, `V` values, `D` drop, `d` create/alter, `I` insert, `P` update, `R` delete, `X` exec,
 * `Y` declare, `Z` shutdown, `W` waitfor, `S` set, `t` kinds of objects, `C` case, `m` when/then/else, `e` end,
 * `a` as, `A` all/distinct, `L` load, `o` operator. Constants in words are `1`.
 */
export const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    E: 'select selectchar',
    U: 'union intersect except',
    A: 'all distinct distinctrow top',
    '&': 'and or xor',
    '!': 'not',
    '=': 'like rlike regexp between in is ilike similar glob soundslike sounds',
    o: 'div mod collate binary escape',
    k: 'from',
    w: 'where',
    h: 'having',
    l: 'limit offset fetch',
    i: 'into',
    j: 'join natural cross',
    V: 'values value',
    D: 'drop truncate',
    d: 'create alter',
    I: 'insert replace merge',
    P: 'update',
    R: 'delete',
    X: 'exec execute call',
    Y: 'declare',
    Z: 'shutdown',
    W: 'waitfor',
    S: 'set',
    t: 'table tables database schema view index user procedure function trigger role login sequence column temporary temp',
    C: 'case',
    m: 'when then else',
    e: 'end',
    a: 'as',
    L: 'load',
    '1': 'null true false current_timestamp current_date current_user session_user system_user localtime sysdate unknown',
  }).flatMap(([letter, list]) => list.split(' ').map((word) => [word, letter] as const)),
);

/** Functions of databases: `f` where a bracket follows. */
export const functions: ReadonlySet<string> = new Set(
  `abs acos ascii asin atan atan2 avg bin bin_to_num bit_and bit_count bit_length bit_or cast ceil ceiling char char_length
character_length charindex chr coalesce coercibility compress concat concat_ws connection_id conv convert cos cot count
crc32 curdate current_database current_schema current_setting current_user curtime database datalength date_add date_format
date_sub datediff dbname db_id db_name dcount decode default des_decrypt des_encrypt difference elt encode encrypt exists
exp export_set field find_in_set floor format found_rows from_base64 from_days from_unixtime get_lock greatest group_concat
hex host_id host_name if ifnull iif initcap insert instr interval is_srvrolemember isnull json_array json_depth
json_extract json_keys json_length json_object last last_insert_id lcase least left len length like ln locate log log10
log2 lower lpad ltrim make_set max md5 mid min mod name nchar newid now nullif nvl nvl2 object_id object_name oct octet_length
old_password openquery ord password patindex pi position pow power quote quotename radians rand random randomblob
regexp_instr regexp_like regexp_replace regexp_substr release_lock repeat replace replicate reverse right round row
row_count rownum rpad rtrim schema schema_name serverproperty session_user sha sha1 sha2 sign sin soundex space sqrt
stddev str strcmp string_agg stuff substr substring substring_index suser_name suser_sname sum sysdate sys_context
system_user tan timestampadd to_base64 to_char to_date to_number translate trim truncate typeof ucase
uncompress unhex unicode unistr upper user user_id user_name utf8 utl_raw uuid var version xmltype quarter quote_literal query_to_xml
database_to_xml table_to_xml aes_decrypt aes_encrypt ascii_val binary unicode sqlite_version load_extension json_value json_query st_latfromgeohash gtid_subset gtid_subtract polygon multipoint
geometrycollection linestring multipolygon multilinestring point exp name_const ctxsys generate_series array_to_string
fn_my_permissions has_dbaccess is_member is_srvrolemember error_message hashbytes string_to_array year month date extract
to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp period_add period_diff sec_to_time time_format time_to_sec timediff
timestampdiff yearweek weekofyear curtime localtimestamp inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv4_mapped is_ipv6 is_free_lock
is_used_lock master_pos_wait bit_xor stddev_pop stddev_samp var_pop var_samp variance json_array_append json_array_insert json_contains
json_contains_path json_insert json_merge json_merge_patch json_merge_preserve json_objectagg json_arrayagg json_pretty json_quote json_remove
json_replace json_search json_set json_storage_size json_table json_type json_unquote json_valid any_value uuid_short uuid_to_bin
bin_to_uuid uncompressed_length validate_password_strength weight_string statement_digest set_config to_regclass array_agg json_agg
row_to_json to_tsvector inet_server_addr inet_client_addr has_table_privilege quote_ident overlay sys_guid userenv rawtohex hextoraw listagg
wm_concat xmlelement ora_hash to_clob asciistr object_definition databasepropertyex fn_virtualfilestats fn_trace_gettable fn_dblog
has_perms_by_name ident_current original_login suser_id suser_sid parsename scope_identity sql_variant_property
zeroblob last_insert_rowid sqlite_compileoption_get pg_client_encoding pg_backend_pid pg_postmaster_start_time pg_typeof pg_relation_size
pg_database_size pg_read_binary_file pg_stat_file pg_current_logfile pg_reload_conf lo_get lo_put lo_create elt ifnull nvl charset collation`.split(
    /\s+/,
  ),
);

/** Functions that nobody calls but to delay, read files, run programs or make errors speak: `F`. */
export const telling: ReadonlySet<string> = new Set(
  `benchmark sleep pg_sleep pg_sleep_for pg_sleep_until extractvalue updatexml load_file xp_cmdshell xp_dirtree
xp_fileexist xp_regread xp_regwrite xp_availablemedia xp_subdirs xp_servicecontrol sp_oacreate sp_executesql sp_password sp_makewebtask
sp_configure openrowset opendatasource pg_read_file pg_ls_dir lo_import lo_export dblink dblink_connect dbms_pipe.receive_message
dbms_lock.sleep dbms_xmlgen.getxml dbms_java.runjava dbms_utility.sqlid_to_sqlhash dbms_export_extension.get_domain_index_tables
dbms_xmlquery.newcontext dbms_ldap.init utl_inaddr.get_host_address utl_inaddr.get_host_name utl_http.request
utl_file.fopen ctxsys.drithsx.sn sys.dbms_ldap.init sys_eval sys_exec sys.fn_get_audit_file sys.dm_exec_sql_text
analyse database_to_xmlschema httpuritype`.split(/\s+/),
);

/** Tables in which databases describe themselves: `y`. */
const systemTables: ReadonlySet<string> = new Set(
  `tempdb msdb sysobjects syscolumns sysusers sysdatabases syslogins msysobjects msysaces msysqueries msysrelationships sqlite_master sqlite_schema
sqlite_temp_master pg_user pg_shadow pg_database pg_tables pg_class pg_catalog pg_stat_activity pg_authid pg_proc all_tables all_tab_columns all_users
user_tables user_tab_columns user_objects dba_users dba_tables all_objects v$version v$instance v$database mysql.user mysql.db
mysql.innodb_table_stats rdb$database rdb$relations dual sysibm.sysdummy1 iitables xp_cmdshell schemata dmoracle`.split(
    /\s+/,
  ),
);

const systemSchemas: readonly string[] = [
  'information_schema',
  'performance_schema',
  'pg_catalog.',
  'sysibm.',
  'syscat.',
  'sys.',
  'master.',
  'mysql.',
  'msdb.',
];

export function isSystemTable(name: string): boolean {
  return systemTables.has(name) || systemSchemas.some((schema) => name.startsWith(schema));
}
