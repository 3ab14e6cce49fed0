/** Something of which each gate has one, from its first use on: what is sent at once by several of its handlers meets there. */
export function perGate<Gate extends object, T>(make: (gate: Gate) => T): (gate: Gate) => T {
  const made = new WeakMap<Gate, { readonly value: T }>();
  return (gate) => {
    const known = made.get(gate);
    if (known) return known.value;
    const value = make(gate);
    made.set(gate, { value });
    return value;
  };
}
