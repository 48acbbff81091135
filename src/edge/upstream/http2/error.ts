/** Why a request came to nothing on an HTTP/2 connection, in the codes that forwarding knows from HTTP/1.1. */

/** The target has not begun with the request, and says so: it may be sent again, whatever it asks for. */
export const untouched = 'BAILEY_UNTOUCHED';

/** More requests wait for connections than may. */
export const busy = 'BAILEY_BUSY';

export class UpstreamError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
