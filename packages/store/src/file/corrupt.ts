import { CorruptLogError } from "@lockstitch/core";

const whole = "Nothing was changed, and nothing is written until it is mended.";

/** Bytes of the log that were on disk are not what was written. */
export function damaged(file: string, offset: number, reason: string): CorruptLogError {
  return new CorruptLogError(
    `${file} is damaged at byte ${offset}: ${reason}, and what stood there had been on disk. ${whole} ` +
      `Bring this file back from a copy; without one, move the directory away and begin another. ` +
      `\`head -c ${offset}\` shows what is whole before the damage.`,
  );
}

/** A file of the log is shorter than it was. */
export function cutShort(file: string, size: number, expected: number): CorruptLogError {
  return new CorruptLogError(
    `${file} ends at byte ${size}, and ${expected} bytes of it had been on disk: its end was cut off at byte ${size}. ${whole} ` +
      `Bring this file back from a copy. If an older copy was put here on purpose, bring back the whole directory as it was then, ` +
      `without its folder "lock".`,
  );
}

/** A file of the log is gone. */
export function missing(file: string): CorruptLogError {
  return new CorruptLogError(
    `${file} is missing, and later parts of the log are there. ${whole} Bring this file back from a copy; ` +
      `without one, move the directory away and begin another.`,
  );
}
