/** The options that `read` makes of the command's words; where they can't be meant it says how the command is used, and exits with 2. */
export function optionsOrExit(read, usage) {
  try {
    return read();
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}

/** Without this, --seeds abc would play nothing, find nothing and look like a success. */
export function wholeNumber(option, text, least) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= 2 ** 32) return value;
  throw new RangeError(
    `${option} is ${JSON.stringify(text)}. Give a whole number from ${least} to ${2 ** 32}.`,
  );
}
