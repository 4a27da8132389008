import { describe, expect, test } from "vitest";
import { callsOf, converse, number, type RunTool, text, toolOf } from "./demo-driver.js";

describe("with other agents", () => {
  test("it writes an email, and finds the address first where it is not said", () => {
    const tools = [
      toolOf("send_email", "Send an email", {
        to: text("The recipient's email address", { format: "email" }),
        subject: text("Subject line"),
        body: text("The text"),
      }),
      toolOf("find_contact", "Find a contact's email address by name", { name: text("The person's name") }),
    ];
    const mail: RunTool = (name, input) =>
      name === "find_contact" ? { name: input.name, email: "anna@example.com" } : { status: "sent" };
    expect(
      callsOf(
        converse(tools, "Send an email to bob@example.com saying that the meeting moved to Friday", mail),
      ),
    ).toEqual([
      [
        "send_email",
        {
          to: "bob@example.com",
          subject: "the meeting moved to Friday",
          body: "the meeting moved to Friday",
        },
      ],
    ]);
    expect(callsOf(converse(tools, "Email Anna about the party", mail))).toEqual([
      ["find_contact", { name: "Anna" }],
      ["send_email", { to: "anna@example.com", subject: "the party", body: "the party" }],
    ]);
  });

  test("it searches for what no other tool knows, but not for a greeting", () => {
    const tools = [
      toolOf(
        "web_search",
        "Search the web",
        { query: text("the query"), limit: { type: "integer", maximum: 10 } },
        ["limit"],
      ),
    ];
    const search: RunTool = () => [{ title: "Paris", snippet: "Paris is the capital of France" }];
    const conversation = converse(tools, "What is the capital of France?", search);
    expect(callsOf(conversation)).toEqual([["web_search", { query: "the capital of France" }]]);
    expect(conversation.answer).toContain("Paris is the capital of France");
    expect(callsOf(converse(tools, "Search for hotels in Rome, top 3 results", search))).toMatchObject([
      ["web_search", { limit: 3 }],
    ]);
    expect(callsOf(converse(tools, "Hello there!", search))).toEqual([]);
  });

  test("it fills in schemas inside schemas", () => {
    const trip = {
      type: "object",
      properties: {
        from: text("departure city"),
        to: text("arrival city"),
        date: text("", { format: "date" }),
      },
      required: ["from", "to", "date"],
    };
    const seats = { type: "integer", minimum: 1 };
    const tools = [toolOf("book_flight", "Book a flight", { trip, seats })];
    const expected = [["book_flight", { trip: { from: "Oslo", to: "Lima", date: "2026-12-03" }, seats: 2 }]];
    const book: RunTool = () => ({ confirmation: "ABC123", price_usd: 900 });
    expect(
      callsOf(converse(tools, "Book a flight from Oslo to Lima on 3 December for 2 people", book)),
    ).toEqual(expected);
    expect(
      callsOf(converse(tools, "Book 2 seats on a flight to Lima from Oslo on December 3rd", book)),
    ).toEqual(expected);
    expect(converse(tools, "Book a flight from Oslo to Lima tomorrow", book).answer).toContain(
      "without knowing: seats",
    );
  });

  test.each([
    ["from", "to"],
    ["origin", "destination"],
    ["departure", "arrival"],
  ])("it fills in %s and %s by the words before the places", (from, to) => {
    const tools = [
      toolOf("book_flight", "Book a flight", {
        [from]: text(),
        [to]: text(),
        date: text(),
        cabin: text(),
        people: { type: "integer" },
      }),
    ];
    const book: RunTool = () => ({ confirmation: "ABC123" });
    const question = "Book a flight from Oslo to Rome on 3 March 2027 in business for 2 people";
    const input = { [from]: "Oslo", [to]: "Rome", date: "2027-03-03", cabin: "business", people: 2 };
    expect(callsOf(converse(tools, question, book))).toEqual([["book_flight", input]]);
    // Where to fly from was not said: nothing is booked.
    const vague = converse(tools, "Book a flight to Rome on 3 March 2027 for 2 people", book);
    expect(callsOf(vague)).toEqual([]);
    expect(vague.answer).toContain(`without knowing: ${from}`);
  });

  test("it books one flight where the tool is told only its end", () => {
    const tools = [toolOf("book_flight", "Book a flight", { destination: text() })];
    expect(callsOf(converse(tools, "Book a flight from Oslo to Rome", () => "booked"))).toEqual([
      ["book_flight", { destination: "Rome" }],
    ]);
    // Where nobody travels between them, each place is asked about.
    const weather = [toolOf("get_weather", "The weather", { destination: text() })];
    expect(callsOf(converse(weather, "Weather in Oslo and Rome", () => "fine"))).toEqual([
      ["get_weather", { destination: "Oslo" }],
      ["get_weather", { destination: "Rome" }],
    ]);
  });

  test("it tells the ends of a way apart where one comes first that is its end", () => {
    const tools = [toolOf("distance", "Distance of a route", { from: text("City"), to: text("City") })];
    expect(callsOf(converse(tools, "How far is Rome from Oslo?", () => "2,000 km"))).toEqual([
      ["distance", { from: "Oslo", to: "Rome" }],
    ]);
  });

  test("it gives a list to a tool that takes one", () => {
    const tools = [
      toolOf("weather_for", "Weather for cities", {
        cities: { type: "array", items: text(), minItems: 1, maxItems: 5 },
      }),
    ];
    expect(callsOf(converse(tools, "Weather in Oslo, Lima and Rome", () => "fine"))).toEqual([
      ["weather_for", { cities: ["Oslo", "Lima", "Rome"] }],
    ]);
    const statistics = [
      toolOf("mean", "The mean of numbers", { values: { type: "array", items: number() } }),
    ];
    expect(callsOf(converse(statistics, "What is the mean of 3, 4.5 and 10?", () => 5.8333))).toEqual([
      ["mean", { values: [3, 4.5, 10] }],
    ]);
  });

  test("it follows a chain of three", () => {
    const tools = [
      toolOf("find_customer", "Find a customer by email", { email: text() }),
      toolOf("list_orders", "List the orders of a customer", { customer_id: text() }),
      toolOf("get_invoice", "Get the invoice of an order", { order_id: text() }),
    ];
    const shop: RunTool = (name) => {
      if (name === "find_customer") return { customer_id: "c9", name: "Bob" };
      return name === "list_orders" ? { orders: [{ order_id: "o1" }] } : { total_usd: 20, paid: true };
    };
    const conversation = converse(tools, "Show me the invoice for bob@example.com", shop);
    expect(callsOf(conversation)).toEqual([
      ["find_customer", { email: "bob@example.com" }],
      ["list_orders", { customer_id: "c9" }],
      ["get_invoice", { order_id: "o1" }],
    ]);
    expect(conversation.answer).toContain("total 20 USD, paid yes");
  });

  test("it lists what is asked for in the plural, and looks no further", () => {
    const tools = [
      toolOf("get_order", "Get an order", { order_id: text() }),
      toolOf("list_orders", "List the orders of a customer", { customer: text("The customer's name") }),
    ];
    const shop: RunTool = () => ({ orders: [{ order_id: "o1" }, { order_id: "o2" }] });
    expect(callsOf(converse(tools, "Which orders has Anna?", shop))).toEqual([
      ["list_orders", { customer: "Anna" }],
    ]);
    expect(callsOf(converse(tools, "How is order A-17?", shop))).toEqual([
      ["get_order", { order_id: "A-17" }],
    ]);
  });

  test("it leaves out what it can't fill in validly, and keeps the rest", () => {
    const cities = { type: "array", items: text(), minItems: 3 };
    const units = text("", { enum: ["celsius", "fahrenheit"] });
    const question = "The weather in Oslo and Lima in fahrenheit";
    const tools = [toolOf("weather", "The weather", { cities, units }, ["cities", "units"])];
    expect(callsOf(converse(tools, question, () => "fine"))).toEqual([["weather", { units: "fahrenheit" }]]);
    const { input_schema, ...tool } = toolOf("weather", "The weather", { city: text(), units }, ["units"]);
    const strict = [{ ...tool, input_schema: { ...input_schema, maxProperties: 1 } }];
    expect(callsOf(converse(strict, question, () => "fine"))).toEqual([
      ["weather", { city: "Oslo" }],
      ["weather", { city: "Lima" }],
    ]);
  });

  test("it converts money and knows time zones", () => {
    const currency = (role: string): Record<string, unknown> =>
      text(`${role}, as an ISO 4217 code`, { pattern: "^[A-Z]{3}$" });
    const convert = [
      toolOf("convert_currency", "Convert an amount of money", {
        amount: number(),
        from: currency("source"),
        to: currency("target"),
      }),
    ];
    expect(callsOf(converse(convert, "Convert 100 USD to EUR", () => ({ amount: 92.5 })))).toEqual([
      ["convert_currency", { amount: 100, from: "USD", to: "EUR" }],
    ]);
    const clock = [
      toolOf("get_time", "The current time in a time zone", {
        timezone: text("IANA time zone, e.g. Europe/Oslo"),
      }),
    ];
    expect(callsOf(converse(clock, "What time is it in Tokyo and Oslo?", () => ({ time: "19:00" })))).toEqual(
      [
        ["get_time", { timezone: "Asia/Tokyo" }],
        ["get_time", { timezone: "Europe/Oslo" }],
      ],
    );
  });

  test("it asks several tools at once when one question is about several things", () => {
    const tools = [
      toolOf("get_weather", "Weather of a place", { place: text() }),
      toolOf("add", "Add two numbers", { a: number(), b: number() }),
      toolOf("list_todos", "List all todos"),
    ];
    const { rounds } = converse(
      tools,
      "What's the weather in Oslo, what is 2 plus 3, and show my todos",
      () => "ok",
    );
    expect(rounds).toHaveLength(1);
    expect(rounds[0]?.map(({ name }) => name)).toEqual(["get_weather", "add", "list_todos"]);
  });

  test("it cuts a long text between characters", () => {
    const tools = [toolOf("add_note", "Add a note", { note: text("", { maxLength: 61 }) })];
    const conversation = converse(tools, `Add a note: x${"🙂".repeat(3_000)}`, () => "🙂".repeat(2_000));
    expect(callsOf(conversation)).toEqual([["add_note", { note: `x${"🙂".repeat(29)}` }]]);
  });

  test("it works without any tools", () => {
    expect(converse([], "Hello!", () => "").answer).toBe(
      "I have no tools, and I know nothing by myself, so I can't answer: Hello!\n(Simulated reply: no language model was asked.)",
    );
  });

  test("it leaves the API's own tools alone", () => {
    const { rounds } = converse(
      [{ type: "web_search_20260318", name: "web_search" } as never],
      "What is new in Oslo?",
      () => "",
    );
    expect(rounds).toEqual([]);
  });
});
