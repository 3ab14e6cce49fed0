import { setFlagsFromString } from 'node:v8';

// Without this the process dies. V8 inlines hot calls from JavaScript into WebAssembly, and when such a call is deoptimised
// on its return, Node 20 aborts ("unreachable code" in Deoptimizer::DoComputeBuiltinContinuation): the engine's functions
// return references. It takes some thousand decisions and then a new pack, as in a gate that adopts one; nothing can catch
// it. `space/statements.test.ts` does the same and dies without this line. Only what V8 compiles from now on is concerned.
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

export {
  type CedarValueJson,
  type Clause,
  type EntityJson,
  getCedarVersion,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  policyToText,
  preparsePolicySet,
  preparseSchema,
  type SchemaJson,
  schemaToJson,
  statefulIsAuthorized,
  type TypeAndId,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
