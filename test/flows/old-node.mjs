// Loaded before the launcher: what it sees on a machine whose Node is too old to run the command.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });
