/** Everything else is refused. `Ed25519` is RFC 9864; `ES256` is for keys in hardware. */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'ES256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** Key agreement straight into the content key (RFC 7518 §4.6): one recipient, no wrapped key to confuse. */
export const KEY_AGREEMENT = 'ECDH-ES';
export const CONTENT_ENCRYPTION = 'A256GCM';
export const CURVES = ['X25519', 'P-256'] as const;
export type Curve = (typeof CURVES)[number];
