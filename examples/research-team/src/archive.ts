/** What the archive of an invented town has. */
const shelves: Readonly<Record<string, string>> = {
  passengers: "A count at the station: 4,100 people a day take the bus up the hill.",
  streets: "The survey of the streets: The main street is 14 metres wide, wide enough for two tracks.",
  costs: 'The archive has no notes on this. For sale: "Trams in numbers", 40 dollars.',
};

const reports: Readonly<Record<string, string>> = {
  "Trams in numbers": "A tram line of this length costs 31 million, and 2 million a year.",
};

export function notes(topic: string): string {
  return shelves[topic.toLowerCase()] ?? `Nothing. There are notes on: ${Object.keys(shelves).join(", ")}.`;
}

export function report(title: string): string {
  return reports[title] ?? `There is no report called ${title}.`;
}
