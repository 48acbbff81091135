/** Java: serialized objects, classes and expressions with which code is run. Stack traces and class names pass. */
import type { Detector } from './detector.ts';
import { around, evidence } from './evidence.ts';
import { trait, traitsOf } from './traits.ts';

const signs: readonly (readonly [reason: string, shape: RegExp])[] = [
  [
    'a serialized Java object',
    /(?:^|[^A-Za-z0-9+/])(?:rO0AB[A-Za-z0-9+/]|KztAAU|Cs7QAF)|aced0005[0-9a-f]{2}|H4sIAAAAAAAA\w{0,4}[A-Za-z0-9+/]{4}rO0/,
  ],
  [
    'a program is started',
    /\bgetRuntime\b\s?(?:\(|\.)|\bjava\.lang\.(?:Runtime|ProcessBuilder|ProcessImpl|UNIXProcess|Shutdown)\b|\bnew\s+(?:java\.lang\.)?ProcessBuilder\b|ProcessBuilder\s?[.(]|\bRuntime\.(?:exec|getRuntime)/i,
  ],
  [
    'classes are loaded by name',
    /\bClass\.forName\b|\.getClass\s?\(\s?\)\s?\.\s?(?:forName|getClassLoader|getClass|getMethod|newInstance|getProtectionDomain)|\bclass\.module\.classLoader|\bclassLoader\.(?:resources|URLs|parent|dirContext|loadClass)|\bjavax\.(?:script|naming|el|management)\.\w+|\bScriptEngineManager\b|\bdefineClass\b|\bgetEngineByName\b/i,
  ],
  [
    'an expression reaches for classes',
    /\bT\s?\(\s?(?:java|javax|org|com|sun)\.[\w.]+\)|#_?memberAccess\b|@java\.lang\.|@ognl\.|#context\s?(?:\[|\.|=)|#(?:request|response|session|application|attr|parameters|req|res)\s?[.[=]\s?['"#@\w]|\(#\w{1,20}\s?=\s?[@#('"]|\bcom\.opensymphony\.(?:xwork2?|webwork|sitemesh)|@org\.apache\.\w/i,
  ],
  [
    'a class of a known chain',
    /\borg\.(?:apache\.commons\.(?:collections\d?\.(?:functors|keyvalue|map)|beanutils|configuration|fileupload|io\.IOUtils|jxpath)|codehaus\.groovy\.runtime|springframework\.(?:context\.support|beans\.factory|core\.Serializable|expression|jndi|transaction)|hibernate\.(?:jmx|property)|mozilla\.javascript|apache\.(?:struts2?|xalan|xbean|tomcat|catalina|ibatis|shiro|wicket|myfaces|log4j\.(?:receivers|net))\.\w+|jboss\.\w+|python\.core|yaml\.snakeyaml)\b|\bcom\.(?:sun\.(?:rowset|org\.apache|jndi|syndication|jmx)|mchange\.v2|caucho|rometools|zaxxer|alibaba\.fastjson|mysql\.(?:cj\.)?jdbc|ibm\.ws)\b|\bsun\.(?:misc|reflect|rmi|print)\.\w+|\bjavax\.naming|\bysoserial\b|\bjava\.(?:util\.(?:PriorityQueue|ServiceLoader|logging\.FileHandler|Scanner)|beans\.(?:XMLDecoder|EventHandler|Expression)|net\.(?:URLClassLoader|Socket|URL\b\s?\()|rmi\.(?:server|registry)|io\.(?:FileWriter|FileReader|FileOutputStream|FileInputStream|RandomAccessFile|ObjectInputStream|File\b\s?\()|security\.\w+Loader|lang\.(?:reflect\.\w+|ClassLoader|invoke\.\w+|System\.(?:getProperty|setProperty|exit|load)))\b/,
  ],
  [
    'a transformer of a known chain',
    /\b(?:Invoker|Instantiate|Constant|Chained|Clone|Instantiating|Closure)(?:Transformer|Factory)\b|\bTemplatesImpl\b|\bJdbcRowSetImpl\b|\bPrototypeCloneFactory\b|\bInstantiateFactory\b|\bMethodClosure\b|\bConvertedClosure\b/i,
  ],
  [
    'XML that makes objects',
    /<(?:java|void|object|jdk\.nashorn[\w.]*|sun\.[\w.]+|com\.[\w.$]+|javax\.[\w.$-]+|java\.[\w.$-]+)\b[^>]{0,120}(?:class|serialization|version|method|property)\s?=|<serializable\b[^>]{0,60}>\s?rO0|<dynamic-proxy>|<entry>\s?<jdk|<sorted-set>|<tree-map>\s*<entry>/i,
  ],
  [
    'JSON that names a class to make',
    /["']@type["']\s?:\s?["'](?:java|javax|org|com|sun|oracle|\[|L|ch\.qos)[\w.$;]+|["']@class["']\s?:\s?["'](?:java|javax|org|com|sun)\.|\[\s?["'](?:com|org|javax|sun|ch\.qos)\.[\w.]{6,80}["']\s?,\s?[[{]/,
  ],
  [
    'Groovy that runs a program',
    /["'][^"']{1,200}["']\s?\.execute\s?\(\s?\)|@groovy\.transform|@ASTTest|@Grab\b|groovy\.lang\.GroovyShell|new\s+GroovyClassLoader/i,
  ],
  [
    'a script that runs a program',
    /\bos\.execute\s?\(|\bio\.popen\s?\(|\bpopen\s?\(\s?args|\bnew\s+java\.\w+\.\w+\s?\(|\bPackages\.java\b|java\.lang\.System\b\s?\.\s?\w+\(/,
  ],
];

export const java: Detector = (text) => {
  if (text.length < 6) return undefined;
  const traits = traitsOf(text);
  if ((traits & (trait.dot | trait.parenthesis | trait.less | trait.at | trait.hash | trait.control)) === 0) {
    // Base64, hexadecimal digits and single names of classes.
    if (
      !/rO0AB|aced0005|H4sIAAAA|KztAAU|Cs7QAF|Transformer|Factory|TemplatesImpl|RowSetImpl|ysoserial|getRuntime|ProcessBuilder|Closure/i.test(
        text,
      )
    )
      return undefined;
  }
  const magic = text.indexOf('\xac\xed\0\x05');
  if (magic >= 0) return evidence('java', 'a serialized Java object', around(text, magic), 0.95);
  for (const [reason, shape] of signs) {
    const index = text.search(shape);
    if (index >= 0) return evidence('java', reason, around(text, index), 0.9);
  }
  return undefined;
};
