declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** See its readme; only what is used here. */
  export default function dynalite(options: {
    /** Folder of the LevelDB; in memory without one. */
    readonly path?: string;
    /** How long a table is CREATING, DELETING, UPDATING. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
