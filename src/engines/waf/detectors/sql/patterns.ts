/**
 * What injected SQL looks like once folded. Each pattern is an expression over the letters of `words.ts` and `folding.ts`,
 * linear in their number (a test holds them to it), with the sentence that the evidence shows.
 */

export interface Pattern {
  readonly reason: string;
  readonly shape: RegExp;
  /** `low` patterns are sure; `extended` ones belong to AWS's extended patterns; `high` ones to sensitivity HIGH only. */
  readonly level: 'low' | 'extended' | 'high';
  /** In which places of a statement it counts: as it stands, or after a quote that ends the application's literal. */
  readonly place: 'bare' | 'quoted' | 'any';
}

const operand = '[1svgqQpny]';
const constant = '[1svgqQ]';

function pattern(level: Pattern['level'], place: Pattern['place'], reason: string, shape: string): Pattern {
  return { level, place, reason, shape: new RegExp(shape) };
}

export const patterns: readonly Pattern[] = [
  // Further queries
  pattern(
    'low',
    'any',
    'UNION SELECT with a list of columns',
    `UA?\\(?\\(?EA?(?:[1svgqQp*({]|[fF]\\(|n[,kp.]|n[c;]|n&s|y)`,
  ),
  pattern('low', 'any', 'UNION SELECT after a constant', `^[1sv]\\)?\\)?\\)?UA?\\(?E`),
  pattern(
    'low',
    'any',
    'a query within an expression',
    `(?:^|[&=o,(!*1s])\\((?:\\()?EA?(?:[1svgqQp*]k?|[fFC(]|${operand}(?:,|=|o|[fF]|k[ny(]))`,
  ),
  pattern('low', 'any', 'a query over the database’s own tables', `E[^;]{0,200}k[^;]{0,4}y`),
  pattern('low', 'any', 'a query without its beginning', `^${constant}?\\)?\\)?k(?:y|nw${operand}=)`),
  pattern(
    'extended',
    'bare',
    'a whole SELECT statement',
    `^\\(*EA?(?:[*1sqQv]k[ny(]|[qQ1v](?:[;c]|$)|[fF]\\(|${operand}(?:[,=o]${operand})+k[ny]|nk[ny](?:[;cl]|w\\(?${operand}[=&]|B)|C)`,
  ),
  pattern('extended', 'any', 'a SELECT statement after another', `;\\(?E(?:[*1sqQv]|[fF(]|${operand}[,k])`),
  // Tautologies and questions
  pattern(
    'low',
    'any',
    'a condition on constants joined by AND or OR',
    `&!?\\(?\\(?\\(?(?:1|v|g|q|Q)=!?\\(*(?:${constant})`,
  ),
  pattern(
    'low',
    'any',
    'a condition on literals joined by AND or OR',
    `&!?\\(?\\(?\\(?s=!?\\(*(?:1|s$|s[c)&;]|s[=o]|v|g|q|Q)`,
  ),
  pattern(
    'low',
    'quoted',
    'a condition after the end of a literal',
    `^s\\)*&!?\\(*(?:${operand}=|[1vgqQ](?:[c&;)oUlB]|$)|p(?:[c&;)=]|$)|[fFE]|\\(*E)`,
  ),
  pattern(
    'low',
    'any',
    'a condition after a constant',
    `^1\\)*&!?\\(*(?:[npy]=${operand}(?:$|[c&;)o])|[1vgqQ][=c]|[fF]\\(|\\(*E)`,
  ),
  pattern(
    'low',
    'quoted',
    'a comparison after the end of a literal',
    `^s\\)*=!?\\(*(?:[1qQvg](?:$|[c&;)oU])|s[=&c]|\\(*E|[fF]\\()`,
  ),
  pattern('low', 'quoted', 'an operator between a literal and a query', `^s\\)*[o&]\\(*(?:[EQFvg]|f\\(|C)`),
  pattern('extended', 'quoted', 'a literal cut off and begun again', `^s[o&=]s$`),
  pattern('low', 'any', 'HAVING or GROUP BY after a condition', `(?:B[^;]{0,40}|^[1s]\\)*)h!?\\(?${constant}=`),
  pattern(
    'low',
    'any',
    'CASE WHEN within a query',
    `[E(,&=o]CE?m?|\\(C`.replace('E?m?|\\(C', '[^e]{0,60}m[^e]{0,60}(?:e|m)'),
  ),
  // Statements in a row
  pattern(
    'low',
    'any',
    'another statement after a semicolon',
    `;\\(?(?:[Dd]t|Ii|In?[V(]|PnS|Rk|X[nyvF(s]|Z|W|Y[vn]|S[vn]=|Lnn?[isn]|[Dd]n?t|Eni|EO|[QF])`,
  ),
  pattern('low', 'any', 'a delay', `W(?:n)?[s1vn]`),
  pattern(
    'low',
    'any',
    'a statement that changes data',
    `(?:^|[;)])(?:Iinn?(?:\\(|V|E|S)|IiynV|InV\\(|PnSn=${operand}|Rk[ny](?:[;c]|wn?\\(*${operand}=)|[D]A?t(?:n)*[yn][;c$]?$|Dtn[;c,]|dt(?:n\\(|p)|dt(?:n)?n[asi(]|Lnn?nst?|Xy|XF|XnF|Xns)`,
  ),
  pattern(
    'low',
    'any',
    'a statement after the end of a literal',
    `^s\\)*;?\\)*(?:[Dd]t|Ii|I\\(|PnS|Rk|X[yvF(]|Xn[s1v.]|Yv|Z(?:[;c]|$)|Wn?s)`,
  ),
  // Calls
  pattern(
    'low',
    'any',
    'a call that delays, reads files or runs programs',
    `^Q|[&=o,(;EU!hwBlXVm1s*t](?:Q|F\\()|^F\\((?:[(E]|[nf1s][,)(])`,
  ),
  pattern('extended', 'any', 'a query written into a file', `iO[s1n]|O[s1]`),
  pattern('low', 'any', 'a server variable in a condition or list', `(?:^|[=&,(Eo])g(?:[=&,)co;]|$)`),
  // The end of the application's statement
  pattern('low', 'quoted', 'the rest of the statement commented out', `^[sqQ]\\)*c$`),
  pattern(
    'low',
    'quoted',
    'ORDER BY, LIMIT or GROUP BY after the end of a literal',
    `^s\\)*(?:B(?:[1qQ]|n[c,;h]|\\()|l1|h\\(*${operand}=|i[On]|nO)`,
  ),
  pattern('low', 'any', 'ORDER BY a column’s number', `^1\\)*B\\(*1(?:[c,;]|$)`),
  pattern('extended', 'any', 'the rest of the statement commented out after a bracket', `^1\\)+(?:c$|;c?$|&)`),
  pattern('extended', 'any', 'a procedure of MySQL', `l1?n?tn?[fp]`),
  pattern('extended', 'bare', 'a condition without its beginning', `^&!?\\(*(?:[qQ]|f\\(|1[c=]|(?:n|p)=(?:n|p)c)`),
  pattern('extended', 'any', 'a grouping after a constant condition', `[1q]&[1q]B|^[1sv]\\)*U[1X]|X[^;]{0,3}y`),
  pattern('extended', 'bare', 'a column renamed, and a table', `^[1v]a[ns]k`),
  pattern('extended', 'any', 'a CASE expression', `Cm[1nsqp](?:=[1nsqp])?m`),
  pattern('extended', 'any', 'a condition in braces', `^[1sv]\\)*&\\{[nf]`),
  pattern('low', 'quoted', 'a column renamed after the end of a literal', `^s\\)*a[ns][k,]`),
  // Only where the sensitivity is HIGH
  pattern('high', 'any', 'a condition joined by AND or OR', `&!?\\(?${operand}=!?${operand}`),
  pattern('high', 'quoted', 'an operand after the end of a literal', `^s\\)*(?:[&=o]|;)\\(*${operand}?(?:$|[c;])`),
  pattern('high', 'bare', 'a SELECT statement', `^\\(*EA?${operand}k${operand}`),
  pattern('high', 'any', 'a comment at the end', `^[1s]\\)*;?c$`),
  pattern('high', 'any', 'a function of databases', `^f\\(|^[qQ]$|[&=,(](?:q|f\\()`),
];
