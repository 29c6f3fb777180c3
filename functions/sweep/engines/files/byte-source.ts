/** One version of one file. Names are what people chose: they appear in no log. */
export interface FileVersion {
  readonly name: string;
  readonly bytes: number;
  /** Tells this content of the file from any other: a version id, an entity tag, or on disk what changes whenever it is written. */
  readonly version: string;
}

/** Where files come from: a folder, or a prefix in a bucket. */
export interface ByteSource {
  /** Names the place, whatever led to it. */
  readonly identity: string;
  /** The files that there are now, without those of no bytes, in the order of their names' bytes. */
  list(): Promise<readonly FileVersion[]>;
  /**
   * The bytes from `start` up to `end` of exactly this version, in blocks. Throws Problem('snapshot-gone') when the file has another content
   * by now, also when that turns out only at the end.
   */
  read(file: FileVersion, start: number, end: number): AsyncIterable<Uint8Array>;
}

/** A stretch of a file as one array. */
export async function readStretch(
  source: ByteSource,
  file: FileVersion,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  let at = 0;
  for await (const block of source.read(file, start, end)) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}
