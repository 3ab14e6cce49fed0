import './engine-flags.js';

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
