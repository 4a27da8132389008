import { plain } from "./words.js";

/**
 * Names that are places even in lower case and without a preposition ("oslo weather"). Any other place is found by
 * its capital letter or by the word before it, so this list need not be complete.
 */
const cities = `Abu Dhabi,Accra,Addis Ababa,Adelaide,Algiers,Amman,Amsterdam,Anchorage,Ankara,Antwerp,Athens,Atlanta,
Auckland,Baghdad,Baku,Bangalore,Bangkok,Barcelona,Basel,Beijing,Beirut,Belfast,Belgrade,Bergen,Berlin,Bern,Bogota,
Boston,Brasilia,Bratislava,Brisbane,Brussels,Bucharest,Budapest,Buenos Aires,Cairo,Cape Town,Caracas,Casablanca,
Chennai,Chicago,Cologne,Colombo,Copenhagen,Dakar,Dallas,Damascus,Dar es Salaam,Delhi,Denver,Detroit,Dhaka,Doha,Dubai,
Dublin,Edinburgh,Florence,Frankfurt,Geneva,Glasgow,Gothenburg,Hamburg,Hanoi,Havana,Helsinki,Ho Chi Minh City,Hong Kong,
Honolulu,Houston,Hyderabad,Istanbul,Jakarta,Jerusalem,Johannesburg,Kabul,Karachi,Kathmandu,Khartoum,Kigali,Kinshasa,
Krakow,Kuala Lumpur,Kyiv,Kyoto,La Paz,Lagos,Lahore,Las Vegas,Lima,Lisbon,Liverpool,Ljubljana,London,Los Angeles,Luanda,
Lusaka,Luxembourg,Lyon,Madrid,Malaga,Manchester,Manila,Maputo,Marrakesh,Marseille,Melbourne,Mexico City,Miami,Milan,
Minneapolis,Minsk,Mogadishu,Monterrey,Montevideo,Montreal,Moscow,Mumbai,Munich,Nairobi,Naples,New Delhi,New Orleans,
New York,New York City,Nuuk,Osaka,Oslo,Ottawa,Panama City,Paris,Perth,Philadelphia,Phoenix,Porto,Prague,Pretoria,Quito,
Rabat,Reykjavik,Riga,Rio de Janeiro,Riyadh,Rome,Rotterdam,San Diego,San Francisco,San Jose,Santiago,Sao Paulo,Sarajevo,
Seattle,Seoul,Seville,Shanghai,Singapore,Sofia,Stavanger,Stockholm,Stuttgart,Sydney,Taipei,Tallinn,Tashkent,Tbilisi,
Tehran,Tel Aviv,Tirana,Tokyo,Toronto,Tripoli,Tromso,Trondheim,Tunis,Turin,Ulaanbaatar,Valencia,Vancouver,Venice,Vienna,
Vilnius,Warsaw,Washington,Wellington,Yerevan,Zagreb,Zurich`;

const countries = `Afghanistan,Albania,Algeria,Angola,Argentina,Armenia,Australia,Austria,Azerbaijan,Bangladesh,Belgium,
Bolivia,Bosnia,Botswana,Brazil,Bulgaria,Cambodia,Cameroon,Canada,Chile,China,Colombia,Costa Rica,Croatia,Cuba,Cyprus,
Czechia,Czech Republic,Denmark,Ecuador,Egypt,England,Estonia,Ethiopia,Finland,France,Germany,Ghana,Greece,Greenland,
Guatemala,Honduras,Hungary,Iceland,India,Indonesia,Iran,Iraq,Ireland,Israel,Italy,Jamaica,Japan,Jordan,Kazakhstan,Kenya,
Kosovo,Kuwait,Laos,Latvia,Lebanon,Libya,Lithuania,Madagascar,Malaysia,Mali,Malta,Mexico,Moldova,Mongolia,Montenegro,
Morocco,Mozambique,Myanmar,Namibia,Nepal,Netherlands,New Zealand,Nicaragua,Niger,Nigeria,North Korea,Norway,Oman,
Pakistan,Panama,Paraguay,Peru,Philippines,Poland,Portugal,Qatar,Romania,Russia,Rwanda,Saudi Arabia,Scotland,Senegal,
Serbia,Slovakia,Slovenia,Somalia,South Africa,South Korea,Spain,Sri Lanka,Sudan,Sweden,Switzerland,Syria,Taiwan,Tanzania,
Thailand,Tunisia,Turkey,Uganda,Ukraine,United Arab Emirates,United Kingdom,United States,Uruguay,Uzbekistan,Venezuela,
Vietnam,Wales,Yemen,Zambia,Zimbabwe,USA,UK,UAE`;

/** Those that are no city's name as well: in "Boston, New York and Chicago" three cities are meant. */
const regions = `Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,Florida,Hawaii,Idaho,Illinois,
Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,Massachusetts,Michigan,Minnesota,Mississippi,Missouri,Montana,
Nebraska,Nevada,New Hampshire,New Jersey,New Mexico,North Carolina,North Dakota,Ohio,Oklahoma,Oregon,Pennsylvania,
Rhode Island,South Carolina,South Dakota,Tennessee,Texas,Utah,Vermont,Virginia,West Virginia,Wisconsin,Wyoming,
Alberta,British Columbia,Manitoba,New Brunswick,Newfoundland,Nova Scotia,Ontario,Saskatchewan,
New South Wales,Queensland,South Australia,Tasmania,Western Australia`;

const knownCountries = names(countries);
const knownRegions = names(regions);
const knownPlaces = new Set([...names(cities), ...knownCountries, ...knownRegions]);

/** No name in the list has more words than this. */
export const longestName = 5;

export function isKnownPlace(name: string): boolean {
  return knownPlaces.has(plain(name));
}

export function isCountry(name: string): boolean {
  return knownCountries.has(plain(name));
}

/** A state or province, which is named after a city as a country is. */
export function isRegion(name: string): boolean {
  return knownRegions.has(plain(name));
}

function names(list: string): Set<string> {
  return new Set(list.split(",").map((name) => plain(name.trim().replace(/\s+/g, " "))));
}
