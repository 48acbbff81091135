/** Links to stored files, `/_bailey/files/…`: whoever has one may read the file until the link's time is over. */
import type { Downloads } from '../services/elasticloadbalancing/ports.ts';
import type { Sealer } from '../services/service.ts';
import { type BlobRef, type Blobs, CorruptError } from '../store/store.ts';
import type { HttpResponse } from '../wire/types.ts';

const purpose = 'file link';
export const filesPath = '/_bailey/files/';
/** As AWS's presigned links to trust stores' files. */
const lifetimeMs = 10 * 60_000;

interface Link {
  readonly blob: BlobRef;
  readonly fileName: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

export interface FileLinks extends Downloads {
  /** @param path begins with `filesPath`. Undefined for what is no link, or no longer, and for files that are gone */
  read(path: string, now: number): Promise<HttpResponse | undefined>;
}

export function fileLinks(sealer: Sealer, blobs: Pick<Blobs, 'read'>): FileLinks {
  return {
    link(call, { blob, fileName }) {
      const token = sealer.seal(
        purpose,
        JSON.stringify({ blob, fileName, until: call.now + lifetimeMs } satisfies Link),
      );
      return `${call.connection.secure ? 'https' : 'http'}://${call.connection.host}${filesPath}${token}`;
    },
    async read(path, now) {
      const opened = sealer.open(purpose, path.slice(filesPath.length));
      if (!opened) return undefined;
      const { blob, fileName, until }: Link = JSON.parse(Buffer.from(opened).toString());
      if (until <= now) return undefined;
      const chunks: Uint8Array[] = [];
      try {
        for await (const chunk of blobs.read(blob)) chunks.push(chunk);
      } catch (error) {
        // Replaced or deleted since.
        if (error instanceof CorruptError) return undefined;
        throw error;
      }
      const headers = {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'no-store',
      };
      return { status: 200, headers, body: Buffer.concat(chunks) };
    },
  };
}
