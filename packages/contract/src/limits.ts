/** Limits at every border, in bytes unless the name says otherwise. NATS carries 1 MiB; a crossing is base64 within base64. */
export const LIMITS = Object.freeze({
  content: 320 * 1024,
  contentDepth: 16,
  seal: 24 * 1024,
  body: 460 * 1024,
  envelope: 488 * 1024,
  entry: 64 * 1024,
  transit: 760 * 1024,
  /** Frames that travel together: how many, and how large all of them. One that is larger travels alone. */
  batchItems: 64,
  batch: 384 * 1024,
  directoryPart: 1024 * 1024,
  /** A whole directory, all nations together. */
  directory: 16 * 1024 * 1024,
  /** All that one member can prove about one case. */
  evidenceFile: 48 * 1024 * 1024,
  /** Before it is signed: base64 makes a third more of it, and that has to fit into a signed part. */
  pack: 704 * 1024,
  submission: 1024 * 1024,
  statementAbouts: 256,
  /** Of one case, from one sender: after so many messages, or so many bytes as they are kept, nothing more is said in it. */
  caseMessages: 1000,
  caseBytes: 16 * 1024 * 1024,
  /** How far a sender's clock may run ahead of ours. */
  skewMs: 5 * 60_000,
  /** The longest time between issue and expiry. */
  lifetimeMs: 30 * 24 * 3_600_000,
});
