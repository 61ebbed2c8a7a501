// Prints how long one import takes in a process of its own, in ms.
// usage: node import.mjs SPECIFIER
const began = performance.now();
await import(process.argv[2]);
console.log(performance.now() - began);
