/** Answers that the edge gives by itself, with the texts of a load balancer. */

const titles: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  405: 'Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  431: 'Request Header Fields Too Large',
  463: 'Too Many Forwarded Addresses',
  464: 'Incompatible Protocol',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
  561: 'Unauthorized',
};

const pages = new Map<string, string>();

function titleOf(status: number): string {
  return titles[status] ?? 'Error';
}

/** @param server named below the title, as distributions do */
export function pageOf(status: number, server?: string): string {
  const key = `${status} ${server}`;
  const known = pages.get(key);
  if (known !== undefined) return known;
  const text = `${status} ${titleOf(status)}`;
  const lines = [
    '<html>',
    `<head><title>${text}</title></head>`,
    '<body>',
    `<center><h1>${text}</h1></center>`,
    ...(server === undefined ? [] : [`<hr><center>${server}</center>`]),
    '</body>',
    '</html>',
    '',
  ];
  const page = lines.join('\r\n');
  pages.set(key, page);
  return page;
}

/** What a distribution says by itself. */
export function unsatisfied(status: number, requestId: string): string {
  const lines = [
    '<!DOCTYPE html>',
    '<html>',
    '<head><title>ERROR: The request could not be satisfied</title></head>',
    '<body>',
    `<h1>${status} ERROR</h1>`,
    '<h2>The request could not be satisfied.</h2>',
    `<pre>Request ID: ${requestId}</pre>`,
    '</body>',
    '</html>',
    '',
  ];
  return lines.join('\r\n');
}

/** A whole answer for a connection that HTTP has given up. */
export function lastWords(status: number): string {
  const page = pageOf(status);
  const head = [
    `HTTP/1.1 ${status} ${titleOf(status)}`,
    'Server: awselb/2.0',
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: text/html',
    `Content-Length: ${page.length}`,
    'Connection: close',
    '',
    '',
  ];
  return head.join('\r\n') + page;
}
