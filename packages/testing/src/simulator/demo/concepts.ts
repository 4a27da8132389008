import { stem } from "./words.js";

/** What people say, and the words by which a tool for it is likely to be described. */
const concepts: readonly (readonly [said: string, meant: string])[] = [
  [
    `rain rainy snow snowy umbrella sun sunny cloud cloudy wind windy storm fog warm warmer warmest cold colder coldest
    hot hotter hottest cool cooler mild degrees celsius fahrenheit humid humidity dry wet wetter wear jacket coat clothes pack outside`,
    "weather temperature climate meteorology",
  ],
  ["tomorrow tonight weekend week will later upcoming next future days", "forecast daily day prediction"],
  ["now currently moment outside", "current now present"],
  ["plus sum total added adding together", "add sum addition plus"],
  ["minus subtract difference less subtracted", "subtract subtraction minus difference"],
  ["times multiplied multiply product", "multiply multiplication times product"],
  ["divided divide quotient", "divide division quotient"],
  [
    "plus minus times divided multiplied squared percent root sum product difference",
    "calculate calculator calculation arithmetic math expression evaluate compute operation",
  ],
  ["mail email message write tell inform notify", "send email mail message notify"],
  ["look lookup find google who where search know", "search find query lookup"],
  ["put note remember remind new", "add create save"],
  ["remind reminder remember todo task", "todo task reminder item"],
  ["done finished completed complete tick", "complete done finish mark close"],
  ["remove erase drop clear cancel", "delete remove cancel clear"],
  ["show display left open pending", "list show"],
  ["meeting appointment event calendar schedule", "calendar event meeting schedule appointment"],
  ["schedule arrange plan book", "create schedule add book"],
  ["convert exchange worth", "convert conversion exchange rate"],
  ["dollar euro pound yen franc krone usd eur gbp jpy chf nok", "currency exchange money amount"],
  ["cost price expensive cheap cheaper much worth", "price cost quote amount"],
  ["stock share shares", "stock quote price market"],
  ["time clock hour", "time clock timezone"],
  ["where located city town place country", "location place geocode coordinates"],
  ["far distance long away", "distance route travel"],
  ["translate say french spanish german italian", "translate translation language"],
  ["news latest happening", "news search article headline"],
  ["flight fly flights airport", "flight travel airline"],
  ["hotel stay room", "hotel booking accommodation"],
  ["reserve reservation table", "book reserve reservation"],
  ["buy purchase", "buy order purchase"],
  ["read open contents file", "file read open content"],
  ["status arrive package parcel shipped", "status order track shipment"],
];

const meanings: ReadonlyMap<string, ReadonlySet<string>> = collect();

/** Every word that some concept knows, so that it is not taken for a name. */
export const conceptWords: ReadonlySet<string> = new Set(meanings.keys());

/** The words that a tool may use for what was said, the said word itself left out. */
export function meaningsOf(word: string): ReadonlySet<string> {
  return meanings.get(word) ?? new Set();
}

function collect(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [said, meant] of concepts) {
    for (const word of said.split(/\s+/).map(stem)) {
      const known = found.get(word) ?? new Set();
      for (const other of meant.split(/\s+/).map(stem)) if (other !== word) known.add(other);
      found.set(word, known);
    }
  }
  return found;
}
