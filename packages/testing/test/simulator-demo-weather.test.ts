import { describe, expect, test } from "vitest";
import { converse, type RunTool } from "./demo-driver.js";
import { ask, chained, namesOf, placesFound, runChained } from "./demo-weather-tools.js";

describe("with weather tools that need coordinates", () => {
  test("it finds the place first, then asks the tool that the question is about", () => {
    const { rounds, answer } = ask("Will it rain in Oslo?");
    expect(rounds).toEqual([
      [{ name: "find_place", input: { name: "Oslo" } }],
      [{ name: "forecast", input: { latitude: 59.91, longitude: 10.75 } }],
    ]);
    expect(answer).toContain("Rain is likely in Oslo: the chance is 80 % on 2026-11-23.");
    expect(answer).toContain("- 2026-11-22: clear sky, low -1 °C, high 3 °C");
  });

  test("it asks about several places at once", () => {
    const conversation = ask("Compare the weather in Oslo and Nairobi");
    expect(namesOf(conversation)).toEqual([
      ["find_place", "find_place"],
      ["current_weather", "current_weather"],
    ]);
    expect(conversation.rounds[1]?.map(({ input }) => input.latitude)).toEqual([59.91, -1.29]);
    expect(conversation.answer).toContain("Nairobi is warmer than Oslo: 24.5 °C (Oslo 3.5 °C).");
    expect(conversation.answer).toContain("Oslo: light rain, temperature 3.5 °C, wind 14 km/h.");
  });

  test("it takes tomorrow for a forecast of two days, and tells only the day that was asked for", () => {
    const { rounds, answer } = ask("What should I wear in Lima tomorrow?");
    expect(rounds[1]).toEqual([
      { name: "forecast", input: { latitude: -12.05, longitude: -77.04, days: 2 } },
    ]);
    expect(answer).toContain("For Lima at 20 °C, wear light layers, and take an umbrella.");
    expect(answer).toContain("2026-11-23");
    expect(answer).not.toContain("2026-11-22");
  });

  test("it reads places without capitals, and gives them some", () => {
    const conversation = ask("weather in são paulo and new york next 3 days");
    expect(placesFound(conversation)).toEqual(["São Paulo", "New York"]);
    expect(conversation.rounds[1]?.map(({ name, input }) => [name, input.days])).toEqual([
      ["forecast", 3],
      ["forecast", 3],
    ]);
  });

  test("it answers which of two places is warmer", () => {
    expect(ask("is it warmer in Cairo or in Reykjavik?").answer).toMatch(
      /^Cairo is warmer than Reykjavik: 22.5 °C \(Reykjavik -1.5 °C\)\./,
    );
    expect(ask("Which is colder, Cairo or Reykjavik?").answer).toMatch(/^Reykjavik is colder than Cairo/);
    expect(ask("What is the hottest of Lima, Cairo and Oslo?").answer).toMatch(
      /^Cairo is the warmest: 22.5 °C \(Lima 19.5 °C, Oslo 3.5 °C\)/,
    );
  });

  test("it names all that are level at the top, and still places the rest", () => {
    expect(ask("Oslo, Sydney and Cairo: which is warmest?").answer).toMatch(
      /^Sydney and Cairo are level as the warmest: Sydney 22.5 °C, Cairo 22.5 °C \(Oslo 3.5 °C\)\./,
    );
    expect(ask("Is it colder in Sydney or in Cairo?").answer).toMatch(
      /^They are level: Sydney 22.5 °C, Cairo 22.5 °C\./,
    );
  });

  test.each([
    ["Compare Oslo and Lima", ["Oslo", "Lima"]],
    ["oslo", ["Oslo"]],
    ["Oslo weather?", ["Oslo"]],
    ["WEATHER IN NEW YORK", ["New York"]],
    ["What's the weather like in Oslo, Norway, today?", ["Oslo, Norway"]],
    ["Weather for Oslo, Lima and Cairo please", ["Oslo", "Lima", "Cairo"]],
    ["How's the weather in Cairo, Egypt and Lima, Peru?", ["Cairo, Egypt", "Lima, Peru"]],
    ["Should I take an umbrella to Reykjavik on Friday?", ["Reykjavik"]],
    ["I fly to Nairobi this weekend. How warm is it there?", ["Nairobi"]],
    ["Weather in Oslo in fahrenheit, please.", ["Oslo"]],
    ["How cold is it in New York in Fahrenheit?", ["New York"]],
    ["How cold is it in Oslo in degrees Celsius?", ["Oslo"]],
    ["How warm is it in Lima in Kelvin?", ["Lima"]],
    ["Weather in Cairo in °C", ["Cairo"]],
    ["Weather in Cairo in F, please", ["Cairo"]],
    ["How strong is the wind in Oslo in km/h?", ["Oslo"]],
    ["What's the temperature difference between Madrid and Stockholm?", ["Madrid", "Stockholm"]],
    ["What is the weather in Springfield, Illinois?", ["Springfield, Illinois"]],
    ["Will it rain in Paris, Texas?", ["Paris, Texas"]],
    ["Will it rain in Paris, Texas, tomorrow?", ["Paris, Texas"]],
    ["Weather in London, Ontario and Rome", ["London, Ontario", "Rome"]],
    ["Weather in Boston, New York and Chicago", ["Boston", "New York", "Chicago"]],
    ["weather in Hamar, Moelv and Elverum", ["Hamar", "Moelv", "Elverum"]],
    ["Paris vs London", ["Paris", "London"]],
    ["can you tell me the weather in my town Gjøvik please", ["Gjøvik"]],
    ["Rio de Janeiro or Ho Chi Minh City: where is it warmer?", ["Rio de Janeiro", "Ho Chi Minh City"]],
    ["I'm travelling from Oslo to Rome on Tuesday, what should I pack?", ["Oslo", "Rome"]],
  ])("it finds the places in %j", (question, found) => {
    expect(placesFound(ask(question))).toEqual(found);
  });

  test.each([
    ["in Oslo tomorrow", 2],
    ["in Oslo the day after tomorrow", 3],
    ["in Oslo for the next five days", 5],
    ["in Oslo this weekend", 8],
    ["in Oslo on Thursday", 5],
    ["in Oslo on Sunday", 8],
    ["in Oslo on Monday and on Wednesday", 4],
    ["in Oslo on 2026-11-26", 5],
    ["in Oslo on November 25th", 4],
    ["in Oslo for two weeks", 14],
    ["5-day forecast for Oslo", 5],
  ])("it counts the days of %j and stays within the tool's bounds", (words, days) => {
    const { rounds } = ask(`What will the weather be ${words}?`);
    expect(rounds[1]).toMatchObject([{ name: "forecast", input: { days: Math.min(days, 7) } }]);
  });

  test("it tells where a place is", () => {
    const { rounds, answer } = ask("Where is Nairobi?");
    expect(rounds).toEqual([[{ name: "find_place", input: { name: "Nairobi" } }]]);
    expect(answer).toContain("Nairobi: country Kenya, latitude -1.29, longitude 36.82.");
  });

  test("it passes units on when they are named, and leaves them out when not", () => {
    expect(ask("Weather in Oslo right now in fahrenheit").rounds[1]).toMatchObject([
      { input: { units: "fahrenheit" } },
    ]);
    for (const words of ["in Fahrenheit", "in °F", "in F"]) {
      expect(ask(`How cold is it in New York ${words}?`).rounds[1]).toMatchObject([
        { name: "current_weather", input: { latitude: 40.71, units: "fahrenheit" } },
      ]);
    }
    expect(ask("Weather in Oslo right now").rounds[1]?.[0]?.input).not.toHaveProperty("units");
  });

  test("it passes on what a result says about itself", () => {
    const offline: RunTool = (name, input) =>
      name === "find_place"
        ? runChained(name, input)
        : {
            place: "Oslo, Norway",
            typical_high: "4 °C",
            rainy_days: "11 of 30 days",
            note: "offline: typical values, not a forecast",
          };
    const { answer } = ask("Will it rain in Oslo tomorrow?", offline);
    expect(answer).toContain("In Oslo it usually rains on 11 of 30 days.");
    expect(answer).toContain("typical high 4 °C");
    expect(answer.match(/Note: offline: typical values, not a forecast\./g)).toHaveLength(1);
  });

  test("it tries once more with the name that an error suggests", () => {
    const { rounds, answer } = ask("Weather in Kairo?");
    expect(rounds.slice(0, 2)).toEqual([
      [{ name: "find_place", input: { name: "Kairo" } }],
      [{ name: "find_place", input: { name: "Cairo" } }],
    ]);
    expect(answer).toContain("22.5 °C");
  });

  test.each([
    ["Paris, Texas", "Places known: Oslo, Paris, Cairo"],
    ["Ontario", "Available places: Nairobi, Oslo"],
  ])("it does not take another place for %s, whatever the error names", (place, error) => {
    const { rounds, answer } = ask(`Weather in ${place}?`, () => {
      throw new Error(error);
    });
    expect(rounds).toEqual([[{ name: "find_place", input: { name: place } }]]);
    expect(answer).toContain("could not find out more");
  });

  test("it takes a name with a slip from those that the error lists", () => {
    const { rounds } = ask("Weather in Niarobi?", (name, input: Record<string, unknown>) => {
      if (input.name === "Niarobi") throw new Error("Places known: Lima, Nairobi");
      return runChained(name, input as never);
    });
    expect(rounds.slice(0, 2).map(([call]) => call?.input.name)).toEqual(["Niarobi", "Nairobi"]);
  });

  test("it says what failed, and tells the rest", () => {
    const failing: RunTool = (name, input: Record<string, unknown>) => {
      if (input.name === "Atlantis") throw new Error('No place named "Atlantis" was found.');
      return runChained(name, input as never);
    };
    const { rounds, answer } = ask("Compare the weather in Oslo and Atlantis", failing);
    expect(rounds).toHaveLength(2);
    expect(answer).toContain("Oslo: light rain, temperature 3.5 °C");
    expect(answer).toContain(
      'I could not find out more about Atlantis: find_place failed: No place named "Atlantis" was found.',
    );
  });

  test("it gives up on a tool that always fails", () => {
    const { rounds, answer } = ask("Weather in Oslo?", () => {
      throw new Error("The service is down");
    });
    expect(rounds).toHaveLength(1);
    expect(answer).toContain("find_place failed: The service is down.");
  });

  test("it tries only once, whatever the next error suggests", () => {
    let tries = 0;
    const { rounds } = ask("Weather in Oslo?", () => {
      throw new Error(`Not found. Did you mean "Oslo ${++tries}"?`);
    });
    expect(rounds.flat().map(({ input }) => input.name)).toEqual(["Oslo", "Oslo 1"]);
  });

  test("it does not ask again where permission was denied", () => {
    const { rounds } = ask("Weather in São Paulo?", () => {
      throw new Error("Denied: a person said no");
    });
    expect(rounds).toHaveLength(1);
  });

  test("it says what it would have to know", () => {
    const { rounds, answer } = ask("What will the weather be tomorrow?");
    expect(rounds).toEqual([]);
    expect(answer).toContain("I can't ask find_place without knowing: name.");
  });

  test("it goes on from the question before", () => {
    const first = ask("Will it rain in Oslo tomorrow?");
    const second = converse(chained, "And in Lima?", runChained, { before: first.messages });
    expect(second.rounds).toEqual([
      [{ name: "find_place", input: { name: "Lima" } }],
      [{ name: "forecast", input: { latitude: -12.05, longitude: -77.04, days: 2 } }],
    ]);
    expect(second.answer).toContain("Rain is likely in Lima");
  });

  test("it takes up what a person adds while the tools are at work", () => {
    const request = {
      model: "m",
      max_tokens: 1,
      tools: chained,
    };
    const started = converse(chained, "Weather in Oslo?", runChained);
    const [question, call, result] = started.messages;
    if (!question || !call || typeof result?.content === "string" || !result)
      throw new Error("no round was made");
    const steered = converse(chained, "and in Lima too", runChained, {
      ...request,
      before: [question, call, { role: "user", content: [...result.content] }],
    });
    expect(steered.rounds[0]).toContainEqual({ name: "find_place", input: { name: "Lima" } });
    expect(steered.rounds[0]).toContainEqual({
      name: "current_weather",
      input: { latitude: 59.91, longitude: 10.75 },
    });
    expect(steered.answer).toContain("Oslo: ");
    expect(steered.answer).toContain("Lima: ");
  });

  test("it says of itself that it is a simulation, and is not Claude", () => {
    for (const { answer } of [ask("Weather in Oslo?"), ask("hello"), ask("Who are you?")]) {
      expect(answer).toMatch(/\(Simulated reply: no language model was asked\.\)$/);
      expect(answer).not.toMatch(/claude/i);
    }
  });

  test.each([
    "What is the square root of two?",
    "Tell me a joke",
    "Tell me a Joke about cats.",
    "What is love?",
    "Who is the president of France?",
    "Who won the world cup in 1998?",
    "Okay",
  ])("it says plainly that no tool fits %j", (question) => {
    const { rounds, answer } = ask(question);
    expect(rounds).toEqual([]);
    expect(answer).toContain("None of my tools fits this");
    expect(answer).toContain("find_place, current_weather, forecast");
  });

  test("it takes a name alone for a place, with a capital or without", () => {
    for (const name of ["Gjøvik", "lillehammer"]) expect(placesFound(ask(name))).toHaveLength(1);
  });
});
