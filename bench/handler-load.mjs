// Imports one handler and prints how long that took, as JSON: what a cold start of Lambda spends on our code. Plain JavaScript,
// so that no type stripper is loaded, and measured, with it. node bench/handler-load.mjs <bundle>
const [bundle] = process.argv.slice(2);
const before = process.cpuUsage();
const began = performance.now();
await import(bundle);
const elapsedMs = performance.now() - began;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ elapsedMs, cpuMs: (user + system) / 1000 }));
