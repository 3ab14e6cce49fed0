import { setFlagsFromString } from 'node:v8';

// What the engine wants of V8, which reads it when the engine is loaded.
//
// Without the first of these the process dies. V8 inlines hot calls from JavaScript into WebAssembly, and when such a call is deoptimised
// on its return, Node 20 aborts ("unreachable code" in Deoptimizer::DoComputeBuiltinContinuation): the engine's functions
// return references. It takes some thousand decisions and then a new pack, as in a gate that adopts one; nothing can catch
// it. `space/statements.test.ts` does the same and dies without this line. Only what V8 compiles from now on is concerned.
setFlagsFromString('--no-turbo-inline-js-wasm-calls');
// V8 optimises a function of the engine after this many bytes of its code were run. With its own number, 1,800,000, a process that
// reads packs spends half of its first two seconds on optimising what it runs once more or never; decisions are as fast in the end.
setFlagsFromString('--wasm-tiering-budget=50000000');
