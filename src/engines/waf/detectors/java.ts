/** Java: serialized objects, classes and expressions with which code is run. Stack traces and class names pass. */
import { cuesOf, wakenedBy } from './cues.ts';
import { around, evidence } from './evidence.ts';
import { anyPiece, encodedClass, mayNameClass } from './java-encoded.ts';
import { shape } from './shapes/shape.ts';
import { findSign, type Sign, sign } from './signs.ts';
import { trait, traitsOf } from './traits.ts';

const signs: Sign[] = [
  sign(
    'a serialized Java object',
    0,
    /(?:^|[^A-Za-z0-9+/])(?:rO0AB[A-Za-z0-9+/]|KztAAU|Cs7QAF)|aced0005[0-9a-f]{2}|H4sIAAAAAAAA\w{0,4}[A-Za-z0-9+/]{4}rO0/,
  ),
  sign(
    'a program is started',
    0,
    /\bgetRuntime\b\s?(?:\(|\.)|\bjava\.(?:\w{1,40}\.){1,6}(?:Runtime|ProcessBuilder|ProcessImpl|UNIXProcess|Shutdown)\b|\bnew\s+(?:java\.lang\.)?ProcessBuilder\b|ProcessBuilder\s?[.(]|\bRuntime\.(?:exec|getRuntime)/i,
  ),
  sign(
    'classes are loaded by name',
    0,
    /\bClass\.forName\b|\.getClass\s?\(\s?\)\s?\.\s?(?:forName|getClassLoader|getClass|getMethod|newInstance|getProtectionDomain)|\bclass\.module\.classLoader|\bclass(?:\.|\[\s?['"]?)classLoader\b|\bclassLoader\.(?:resources|URLs|parent|dirContext|loadClass)|\bjavax\.(?:script|naming|el|management)\.\w+|\bScriptEngineManager\b|\bdefineClass\b|\bgetEngineByName\b/i,
  ),
  sign(
    'the class of a literal',
    trait.quote | trait.dot,
    /\['class'\]\s?\.\s?(?:forName|classLoader|module)\b|['"]\s?\.getClass\s?\(/,
  ),
  sign(
    'an expression reaches for classes',
    0,
    /\bT\s?\(\s?(?:java|javax|org|com|sun)\.[\w.]+\)|#_?memberAccess\b|@java\.lang\.|@ognl\.|(?<![.\w])#context\s?(?:\[|\.|=)|(?<![.\w])#(?:request|response|session|application|attr|parameters|req|res)\s?[.[=]\s?['"#@\w]|\(#\w{1,20}\s?=\s?[@#('"]|\bcom\.opensymphony\.(?:xwork2?|webwork|sitemesh)|@org\.apache\.\w/i,
  ),
  sign(
    'a transformer of a known chain',
    trait.letter,
    /\b(?:Invoker|Instantiate|Constant|Chained|Clone|Instantiating|Closure)(?:Transformer|Factory)\b|\bTemplatesImpl\b|\bJdbcRowSetImpl\b|\bPrototypeCloneFactory\b|\bInstantiateFactory\b|\bMethodClosure\b|\bConvertedClosure\b/i,
  ),
  sign(
    'XML that makes objects',
    trait.less,
    /<(?:java|void|object|jdk\.nashorn[\w.]*|sun\.[\w.]+|com\.[\w.$]+|javax\.[\w.$-]+|java\.[\w.$-]+)\b[^>]{0,120}(?:class|serialization|version|method|property)\s?=|<serializable\b[^>]{0,60}>\s?rO0|<dynamic-proxy>|<entry>\s?<jdk|<sorted-set>|<tree-map>\s*<entry>/i,
  ),
  sign(
    'JSON that names a class to make',
    trait.quote,
    /["']@type["']\s?:\s?["'](?:java|javax|org|com|sun|oracle|\[|L|ch\.qos)[\w.$;]+|["']@class["']\s?:\s?["'](?:java|javax|org|com|sun)\.|\[\s?["'](?:com|org|javax|sun|ch\.qos)\.[\w.]{6,80}["']\s?,\s?[[{]/,
  ),
  sign(
    'Groovy that runs a program',
    0,
    /["'][^"']{1,200}["']\s?\]?\s?\.execute\s?\(\s?\)|@groovy\.transform|@ASTTest|@Grab\b|groovy\.lang\.GroovyShell|new\s+GroovyClassLoader/i,
  ),
  sign(
    'a script that runs a program',
    trait.parenthesis | trait.dot,
    /\bos\.execute\s?\(|\bio\.popen\s?\(|\bpopen\s?\(\s?args|\bnew\s+java\.\w+\.\w+\s?\(|\bPackages\.java\b|java\.lang\.System\b\s?\.\s?\w+\(|\bSystem\s?\.\s?(?:getProperty|getenv|setProperty|setSecurityManager|exit|load|loadLibrary)\s?\(|\bThread\s?\.\s?sleep\s?\(|^[^\s]{0,40}\b(?:request|session|application|response)\s?\.\s?(?:getParameter|getAttribute|getSession|getServletContext|getWriter|getRealPath)\s?\(/,
  ),
];

/** A class by its whole name, and nothing else: exceptions and errors are what programs report. */
const className = shape(
  /^\s?(?:(?:java|javax|jdk|sun|ognl|bsh|freemarker|groovy|weblogic|com\.(?:sun|opensymphony)|org\.(?:omg|codehaus\.groovy|mozilla\.javascript|apache\.(?:commons|struts2?|wicket|velocity|log4j|xalan|catalina|tomcat))|net\.sf\.json)\.(?:[a-z_]\w{0,40}\.){0,8}[A-Z]\w{1,60}(?<!Exception|Error|Throwable)|(?:com\.opensymphony\.(?:xwork2?|webwork)|org\.apache\.(?:struts2?|commons\.\w{2,20})|org\.omg\.CORBA)(?:\.\w{1,40}){0,6})\s?$/,
);

/** Classes that a stack trace may name as well. */
const chains: Sign[] = [
  sign(
    'a class of a known chain',
    trait.dot,
    /\borg\.(?:apache\.commons\.(?:collections\d?\.(?:functors|keyvalue|map)|beanutils|configuration|fileupload|io\.IOUtils|jxpath)|codehaus\.groovy\.runtime|springframework\.(?:context\.support|beans\.factory|core\.Serializable|expression|jndi|transaction)|hibernate\.(?:jmx|property)|mozilla\.javascript|apache\.(?:struts2?|xalan|xbean|tomcat|catalina|ibatis|shiro|wicket|myfaces|log4j\.(?:receivers|net))\.\w+|jboss\.\w+|python\.core|yaml\.snakeyaml)\b|\bcom\.(?:sun\.(?:rowset|org\.apache|jndi|syndication|jmx)|mchange\.v2|caucho|rometools|zaxxer|alibaba\.fastjson|mysql\.(?:cj\.)?jdbc|ibm\.ws)\b|\bsun\.(?:misc|reflect|rmi|print)\.\w+|\bjavax\.naming|\bysoserial\b|\bjava\.(?:util\.(?:PriorityQueue|ServiceLoader|logging\.FileHandler|Scanner)|beans\.(?:XMLDecoder|EventHandler|Expression)|net\.(?:URLClassLoader|Socket|URL\b\s?\()|rmi\.(?:server|registry)|io\.(?:FileWriter|FileReader|FileOutputStream|FileInputStream|RandomAccessFile|ObjectInputStream|File\b\s?\()|security\.\w+Loader|lang\.(?:reflect\.\w+|ClassLoader|invoke\.\w+|System\.(?:getProperty|setProperty|exit|load)))\b/,
  ),
];

const cues = [
  { gate: anyPiece },
  { all: trait.high | trait.control },
  { all: trait.dot, gate: className },
  ...cuesOf(signs),
  ...cuesOf(chains),
];

export const java = wakenedBy(cues, (text) => {
  if (text.length < 6) return undefined;
  const traits = traitsOf(text);
  if ((traits & (trait.dot | trait.parenthesis | trait.less | trait.at | trait.hash | trait.control)) === 0) {
    // Base64, hexadecimal digits and single names of classes.
    if (!mayNameClass(text)) return undefined;
    const name = (traits & trait.blank) === 0 ? encodedClass(text) : undefined;
    if (name !== undefined) return evidence('java', `a class of Java within Base64: ${name}`, text, 0.85);
  }
  const magic = text.indexOf('\xac\xed\0\x05');
  if (magic >= 0) return evidence('java', 'a serialized Java object', around(text, magic), 0.95);
  if ((traits & trait.dot) !== 0) {
    if (text.length < 120 && className.test(text)) {
      return evidence('java', 'the name of a class and nothing else', text, 0.75);
    }
  }
  const found = findSign('java', text, traits, signs, 0.9);
  if (found !== undefined) return found;
  // A stack trace names the same classes, each with its file and line.
  return /\([\w$]{1,80}\.(?:java|kt|scala):\d+\)/.test(text) ? undefined : findSign('java', text, traits, chains, 0.85);
});
