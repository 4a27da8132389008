import type { Permit, PermitVerdict } from "../agent.js";
import { AgentError } from "../errors.js";
import { type Fit, type InputPattern, type Matcher, matcherOf } from "./input-pattern.js";
import { isVerdict, type Permitted, strictestOf } from "./permit.js";
import { refuseUnknown } from "./refuse-unknown.js";

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
 * `allow`. A rule that can't be checked denies: one whose predicate throws or gives no boolean; and of those that deny or ask, one whose
 * pattern is for another kind of value than the input has. The rules are copied, but for predicates.
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
  // Spread, for a hole in a list would be passed over, and with it the rule that was meant.
  return [...given].map((one: string | PermitRule) =>
    compile(verdict, typeof one === "string" ? { tool: one } : one),
  );
}

function compile(verdict: PermitVerdict, rule: PermitRule): CompiledRule {
  refuseUnknown(`A rule of ${verdict}`, rule, ["tool", "input", "why"]);
  const { tool = "*", input, why } = rule;
  const tools = [tool].flat();
  if (tools.length === 0) throw new AgentError(`A rule of ${verdict} is about no tool: its list is empty.`);
  if (why !== undefined && typeof why !== "string")
    throw new AgentError(`A rule of ${verdict} has a \`why\` that is no text.`);
  const names = tools.map(nameMatcher);
  const fits =
    input === undefined ? always : matcherOf(input, `A rule of ${verdict} for ${tools.join(", ")}`);
  const words =
    why ?? `${verdict} ${tools.join(", ")}${input === undefined ? "" : " with an input like this"}`;
  return {
    isAbout: (name) => names.some((matches) => matches(name)),
    judge: (value) => judged(verdict, words, fits(value)),
  };
}

const always: Matcher = () => ({ type: "yes" });

/** Fails closed: what can't be told to fit is denied. Only a rule that allows may leave that to the others, for it allows nothing. */
function judged(verdict: PermitVerdict, words: string, fit: Fit): readonly Permitted[] {
  switch (fit.type) {
    case "yes":
      return [{ verdict, rule: words }];
    case "no":
      return [];
    case "broken":
      return [{ verdict: "deny", rule: `a rule could not be checked: ${words}` }];
    case "other_kind":
      if (verdict === "allow") return [];
      return [{ verdict: "deny", rule: `a rule could not be checked, because ${fit.words}: ${words}` }];
    default:
      return fit satisfies never;
  }
}

/** Without a regular expression, of which some would try every way to share out the letters among the stars. */
function nameMatcher(pattern: unknown): (name: string) => boolean {
  if (typeof pattern !== "string" || !/^[a-zA-Z0-9_*-]+$/.test(pattern))
    throw new AgentError(
      `${JSON.stringify(pattern)} can't be the name of a tool. A name has letters, digits, underscores and hyphens; * stands for any of these.`,
    );
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let end = first.length;
    // Each as early as it can be: that leaves the most for those behind it.
    for (const part of others) {
      const at = name.indexOf(part, end);
      if (at < 0) return false;
      end = at + part.length;
    }
    return name.length - last.length >= end && name.endsWith(last);
  };
}
