/** This package's version, as its `package.json` has it: what is said in a greeting. */
export const version = "0.1.0";
