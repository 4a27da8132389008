import type { Permit, PermitVerdict } from "./agent.js";
import { AgentError } from "./errors.js";
import { checkPattern, fits, type InputPattern } from "./input-pattern.js";
import { isVerdict, type Permitted, strictestOf } from "./permit.js";

/** Which calls a rule is about: those of its tools whose input fits. */
export interface PermitRule {
  /** A tool's name, or several; `*` stands for any characters, as in `"get_*"`. Default: every tool. */
  readonly tool?: string | readonly string[];
  /** What the input must be like, as the tool would run with it. Default: any input. */
  readonly input?: InputPattern;
  /** The rule in words, for the log, and for the model where it is denied; so no secrets. Default: verdict and tool. */
  readonly why?: string;
}

/** A string is a rule about that tool, or those tools. */
export interface PermitRules {
  readonly deny?: readonly (string | PermitRule)[];
  readonly ask?: readonly (string | PermitRule)[];
  readonly allow?: readonly (string | PermitRule)[];
  /** What becomes of a call that no rule is about. Default `"deny"`. */
  readonly otherwise?: PermitVerdict;
}

/**
 * Makes a permission of rules. Of those that are about a call the strictest holds, in whatever order they stand: `deny`, then `ask`, then
 * `allow`. A rule that can't be checked, because its predicate throws or gives no boolean, denies.
 *
 * Throws `AgentError` for a rule that can't be meant, e.g. one that could never be about a call.
 */
export function permitRules(rules: PermitRules): Permit {
  refuseUnknown("permitRules", rules, ["deny", "ask", "allow", "otherwise"]);
  const { otherwise = "deny" } = rules;
  if (!isVerdict(otherwise)) throw new AgentError('otherwise is "allow", "ask" or "deny" in permitRules.');
  const all = verdicts.flatMap((verdict) => compiled(verdict, rules[verdict]));
  return ({ name, parsed }) => {
    // All are looked at: were it enough to find one, another that can't be checked would count only until a rule is added before it.
    const found = all.filter((rule) => rule.isAbout(name)).flatMap((rule) => rule.judge(parsed));
    return strictestOf(found) ?? { verdict: otherwise, rule: "no rule is about this call" };
  };
}

const verdicts = ["deny", "ask", "allow"] as const;

interface CompiledRule {
  isAbout(name: string): boolean;
  /** Nothing where the input doesn't fit. */
  judge(input: unknown): readonly Permitted[];
}

function compiled(verdict: PermitVerdict, given: PermitRules[PermitVerdict] = []): readonly CompiledRule[] {
  if (!Array.isArray(given)) throw new AgentError(`${verdict} must be a list of rules in permitRules.`);
  return given.map((one: string | PermitRule) =>
    compile(verdict, typeof one === "string" ? { tool: one } : one),
  );
}

function compile(verdict: PermitVerdict, rule: PermitRule): CompiledRule {
  refuseUnknown(`A rule of ${verdict}`, rule, ["tool", "input", "why"]);
  // Left undefined by mistake a field would make the rule one about everything.
  for (const [field, value] of Object.entries(rule))
    if (value === undefined)
      throw new AgentError(`A rule of ${verdict} has \`${field}\` undefined. Leave it out.`);
  const { tool = "*", input, why } = rule;
  const tools = [tool].flat();
  if (tools.length === 0) throw new AgentError(`A rule of ${verdict} is about no tool: its list is empty.`);
  if (why !== undefined && typeof why !== "string")
    throw new AgentError(`A rule of ${verdict} has a \`why\` that is no text.`);
  const names = tools.map(nameMatcher);
  if (input !== undefined) checkPattern(input, `A rule of ${verdict} for ${tools.join(", ")}`);
  const words =
    why ?? `${verdict} ${tools.join(", ")}${input === undefined ? "" : " with an input like this"}`;
  return {
    isAbout: (name) => names.some((matches) => matches(name)),
    judge: (value) => {
      try {
        return input === undefined || fits(input, value) ? [{ verdict, rule: words }] : [];
      } catch {
        return [{ verdict: "deny", rule: `a rule could not be checked: ${words}` }];
      }
    },
  };
}

function nameMatcher(pattern: unknown): (name: string) => boolean {
  if (typeof pattern !== "string" || !/^[a-zA-Z0-9_*-]+$/.test(pattern))
    throw new AgentError(
      `${JSON.stringify(pattern)} can't be the name of a tool. A name has letters, digits, underscores and hyphens; * stands for any of these.`,
    );
  const whole = new RegExp(`^${pattern.replaceAll(/\*+/g, ".*")}$`);
  return (name) => whole.test(name);
}

/** A misspelt field would be ignored without a word, and with it the rule that was meant. */
function refuseUnknown(what: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new AgentError(`${what} must be an object with ${known.join(", ")}.`);
  const unknown = Object.keys(given).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new AgentError(
      `${what} has no field ${JSON.stringify(unknown)}. The fields are: ${known.join(", ")}.`,
    );
}
