import { describe, expect, test } from "vitest";
import { callsOf, converse, number, type RunTool, text, toolOf } from "./demo-driver.js";

describe("with a calculator", () => {
  const numbers = { a: number("the first"), b: number("the second") };
  const tools = [
    toolOf("add", "Add two numbers", numbers),
    toolOf("subtract", "Subtract b from a", numbers),
    toolOf("multiply", "Multiply two numbers", numbers),
    toolOf("divide", "Divide a by b", numbers),
  ];
  const calculate: RunTool = (name, input: Record<string, unknown>) => {
    const [a, b] = [Number(input.a), Number(input.b)];
    return String({ add: a + b, subtract: a - b, multiply: a * b, divide: a / b }[name]);
  };

  test.each([
    ["what is 17 plus 25?", [["add", { a: 17, b: 25 }]], "42"],
    ["17 + 25", [["add", { a: 17, b: 25 }]], "42"],
    ["What's 12 times 3.5?", [["multiply", { a: 12, b: 3.5 }]], "42"],
    ["divide one hundred and five by twenty-one", [["divide", { a: 105, b: 21 }]], "5"],
    ["Subtract 4 from 10, please", [["subtract", { a: 10, b: 4 }]], "6"],
    ["What is -3 plus 1,250?", [["add", { a: -3, b: 1250 }]], "1247"],
  ])("it works out %j", (question, calls, answer) => {
    const conversation = converse(tools, question, calculate);
    expect(callsOf(conversation)).toEqual(calls);
    expect(conversation.answer).toContain(`: ${answer}.`);
  });

  test("it makes two calls for two sums", () => {
    const conversation = converse(tools, "What is 17 plus 25, and what is 3 times 4?", calculate);
    expect(conversation.rounds).toHaveLength(1);
    expect(callsOf(conversation)).toEqual([
      ["add", { a: 17, b: 25 }],
      ["multiply", { a: 3, b: 4 }],
    ]);
  });

  test("it writes the sum as an expression, or chooses the operation, if the tool is made so", () => {
    const evaluate = [
      toolOf("calculate", "Evaluate an arithmetic expression", { expression: text("e.g. 2 + 2") }),
    ];
    expect(callsOf(converse(evaluate, "what is (17 plus 25) divided by 2?", () => 21))).toEqual([
      ["calculate", { expression: "(17 + 25) / 2" }],
    ]);
    const operation = text("", { enum: ["add", "subtract", "multiply", "divide"] });
    const calculator = [toolOf("calculator", "A calculator", { operation, ...numbers })];
    expect(callsOf(converse(calculator, "How much is 6 times 7?", () => ({ result: 42 })))).toEqual([
      ["calculator", { operation: "multiply", a: 6, b: 7 }],
    ]);
  });
});

describe("with a todo list", () => {
  const id = { type: "integer", description: "The todo's id, from list_todos" };
  const tools = [
    toolOf(
      "add_todo",
      "Add an item to the todo list",
      {
        title: text("What to do"),
        due_date: text("", { format: "date" }),
        priority: text("", { enum: ["low", "medium", "high"] }),
      },
      ["due_date", "priority"],
    ),
    toolOf("list_todos", "List all todos", { status: text("", { enum: ["open", "done"] }) }, ["status"]),
    toolOf("complete_todo", "Mark a todo as done", { id }),
    toolOf("delete_todo", "Delete a todo", { id }),
  ];
  const store: RunTool = (name, input: Record<string, unknown>) =>
    name === "list_todos"
      ? [
          { id: 1, title: "call mom", done: false },
          { id: 2, title: "buy milk", done: false },
        ]
      : { ok: true, ...input };

  test.each<[question: string, calls: unknown[]]>([
    ["Add milk to my todo list", [["add_todo", { title: "milk" }]]],
    ["Remind me to buy milk tomorrow", [["add_todo", { title: "buy milk", due_date: "2026-11-23" }]]],
    [
      "Add 'write the report' with high priority",
      [["add_todo", { title: "write the report", priority: "high" }]],
    ],
    ["What is on my todo list?", [["list_todos", {}]]],
    ["Show my open todos", [["list_todos", { status: "open" }]]],
    [
      "Mark buy milk as done",
      [
        ["list_todos", {}],
        ["complete_todo", { id: 2 }],
      ],
    ],
    [
      "Please delete the todo about mom",
      [
        ["list_todos", {}],
        ["delete_todo", { id: 1 }],
      ],
    ],
  ])("it understands %j", (question, calls) => {
    expect(callsOf(converse(tools, question, store))).toEqual(calls);
  });

  test("it changes nothing that was not meant", () => {
    const conversation = converse(tools, "Delete the todo about taxes", store);
    expect(callsOf(conversation)).toEqual([["list_todos", {}]]);
    for (const question of ["Hello", "What is a todo list?", "Which todos have I?"]) {
      expect(callsOf(converse(tools, question, store)).filter(([name]) => name !== "list_todos")).toEqual([]);
    }
  });

  test("it tells each item of a list", () => {
    expect(converse(tools, "What is on my todo list?", store).answer).toContain(
      "- id 1: call mom, done no\n- id 2: buy milk, done no",
    );
    expect(converse(tools, "What is on my todo list?", () => []).answer).toContain("list_todos: nothing.");
  });
});
