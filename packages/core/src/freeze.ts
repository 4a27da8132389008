/** A measure of values that is taken once of those that are frozen, as what is committed is: it can't change any more. */
export function oncePerFrozen<Value extends object, Measure>(
  measure: (value: Value) => Measure,
): (value: Value) => Measure {
  const taken = new WeakMap<object, { readonly measure: Measure }>();
  return (value) => {
    const known = taken.get(value);
    if (known !== undefined) return known.measure;
    const found = measure(value);
    if (Object.isFrozen(value)) taken.set(value, { measure: found });
    return found;
  };
}

/** Freezes a value with all that is in it: what is committed never changes again, whoever holds it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}
