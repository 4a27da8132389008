/**
 * APPROXIMATE typical weather of some well-known cities, for use without a network.
 *
 * Every number is a rounded long-term average of its month: good to a degree or two and to a few days of rain,
 * good enough to pack a suitcase, and never a forecast. A rainy day is one with at least 1 mm of rain or snow.
 *
 * One line a city, and twelve numbers (January to December) in each of the last three columns:
 * name = other names, region = its abbreviation (only where people say it), country | latitude longitude | low °C | high °C | rainy days
 */
const table = `
# Europe
Oslo, Norway                    | 59.91 10.75  | -5 -5 -2 2 7 11 13 12 9 4 0 -4   | 0 1 5 10 16 20 22 21 16 10 4 1      | 10 7 7 7 8 10 10 11 9 11 10 9
Stockholm, Sweden               | 59.33 18.07  | -2 -3 -1 3 7 12 15 14 10 6 2 -1  | 1 1 4 10 16 20 23 22 17 10 5 2      | 9 8 7 7 7 9 9 10 8 9 10 10
Copenhagen = København, Denmark | 55.68 12.57  | -1 -1 1 4 8 12 14 14 11 7 3 1    | 4 4 6 11 16 19 22 21 17 12 8 5      | 11 9 9 8 8 9 9 10 9 11 11 12
Helsinki, Finland               | 60.17 24.94  | -6 -7 -4 1 6 11 14 13 9 4 0 -4   | -1 -2 2 8 15 19 22 20 15 9 4 1      | 11 9 8 7 7 9 8 9 9 11 12 12
Reykjavik, Iceland              | 64.15 -21.94 | -2 -2 -2 1 4 7 9 9 6 3 0 -2      | 3 3 4 7 10 13 15 14 11 7 5 3        | 15 14 14 12 10 10 10 12 15 14 13 15
London, England, United Kingdom | 51.51 -0.13  | 3 3 4 6 9 12 14 14 11 9 5 3      | 8 9 12 15 18 21 24 23 20 16 11 9    | 12 10 9 9 8 9 8 9 9 11 12 12
Dublin, Ireland                 | 53.35 -6.26  | 3 3 3 5 7 10 12 12 10 8 5 3      | 8 8 10 12 15 18 20 19 17 14 10 8    | 12 11 11 10 11 10 11 11 11 12 12 12
Paris, France                   | 48.86 2.35   | 3 3 6 8 12 15 17 17 13 10 6 4    | 8 9 13 17 20 24 26 26 22 17 11 8    | 10 9 9 8 9 8 8 8 7 9 10 11
Amsterdam, Netherlands          | 52.37 4.90   | 1 1 3 5 8 11 13 13 10 7 4 2      | 6 7 10 14 18 20 22 22 19 14 10 7    | 12 11 10 8 9 9 10 11 11 12 13 13
Berlin, Germany                 | 52.52 13.40  | -1 -1 2 5 9 13 15 15 11 7 3 0    | 4 5 9 15 20 23 25 25 20 14 8 5      | 10 9 9 7 8 9 10 8 8 8 9 10
Zurich, Switzerland             | 47.38 8.54   | -1 -1 2 5 9 13 15 14 11 7 3 0    | 4 5 10 15 19 23 25 24 19 14 8 4     | 10 9 10 10 12 12 12 11 9 10 10 11
Vienna = Wien, Austria          | 48.21 16.37  | -1 0 3 7 11 15 17 16 12 7 3 0    | 4 6 11 17 21 25 27 26 21 15 9 4     | 7 7 8 7 9 9 9 8 7 7 7 8
Prague = Praha, Czechia         | 50.08 14.44  | -1 -1 2 6 10 14 16 15 11 7 3 0   | 3 5 9 15 20 23 26 25 20 14 7 4      | 7 6 7 6 9 9 9 8 7 6 7 7
Warsaw = Warszawa, Poland       | 52.23 21.01  | -4 -3 -1 4 8 12 14 13 9 5 1 -2   | 1 2 7 14 19 23 25 24 19 13 6 2      | 8 8 8 7 8 9 10 8 8 8 8 9
Kyiv = Kiev, Ukraine            | 50.45 30.52  | -6 -5 -1 5 11 15 17 16 11 5 0 -4 | -1 1 6 14 21 24 26 26 20 13 5 1     | 8 8 8 7 8 8 8 6 7 7 8 8
Moscow = Moskva, Russia         | 55.76 37.62  | -9 -9 -4 2 8 12 14 12 8 3 -3 -7  | -4 -3 3 11 19 22 24 22 16 9 1 -3    | 12 9 8 8 8 10 9 9 10 11 10 11
Madrid, Spain                   | 40.42 -3.70  | 3 4 6 8 12 17 20 20 16 11 6 4    | 10 12 16 18 23 29 33 32 27 20 14 10 | 6 5 6 7 6 3 1 2 3 7 7 6
Barcelona, Spain                | 41.39 2.17   | 7 7 9 11 14 18 21 21 18 15 10 8  | 14 15 17 19 22 26 28 29 26 22 18 15 | 4 4 5 6 5 4 2 4 5 6 5 4
Lisbon = Lisboa, Portugal       | 38.72 -9.14  | 8 9 11 12 14 17 18 19 18 15 12 9 | 15 16 19 20 23 26 28 29 27 23 18 15 | 10 8 8 8 6 2 1 1 3 8 10 10
Rome = Roma, Italy              | 41.90 12.50  | 3 4 6 9 13 17 19 20 16 12 8 5    | 12 13 16 19 23 28 31 31 27 22 17 13 | 7 7 7 8 6 4 2 3 6 7 9 9
Athens, Greece                  | 37.98 23.73  | 7 8 10 13 17 22 25 25 20 16 12 9 | 14 15 17 21 26 31 34 34 29 24 19 15 | 8 7 6 5 4 2 1 1 3 5 6 8
Istanbul, Turkey                | 41.01 28.98  | 4 4 6 9 13 18 20 21 17 14 9 6    | 9 10 12 16 21 26 28 29 25 20 15 11  | 12 10 9 7 5 5 3 3 5 8 9 12

# Asia
Tel Aviv, Israel            | 32.08 34.78  | 10 11 12 15 18 21 24 25 23 20 15 12 | 18 18 20 23 25 28 30 31 30 28 24 20 | 10 8 6 2 1 0 0 0 0 3 6 9
Dubai, United Arab Emirates | 25.20 55.27  | 15 16 18 21 25 28 30 31 28 24 20 17 | 24 26 29 33 38 40 41 42 39 36 30 26 | 2 2 2 1 0 0 0 0 0 0 1 2
Riyadh, Saudi Arabia        | 24.71 46.68  | 9 11 15 21 26 28 30 29 26 21 15 11  | 20 23 28 33 39 43 44 44 41 35 27 22 | 2 1 3 3 1 0 0 0 0 0 2 2
Tehran, Iran                | 35.69 51.39  | 1 3 7 13 18 23 26 25 21 15 7 3      | 8 11 16 22 28 34 37 36 32 25 16 10  | 5 5 6 6 4 1 1 0 0 2 4 5
Almaty, Kazakhstan          | 43.24 76.89  | -8 -6 0 7 12 16 18 17 12 5 -1 -6    | 0 2 9 17 23 28 30 30 24 17 8 2      | 7 8 9 10 10 8 7 5 4 6 8 8
Delhi = New Delhi, India    | 28.61 77.21  | 8 11 16 21 26 28 27 27 25 20 13 9   | 20 24 30 37 40 39 36 34 34 33 28 23 | 2 2 2 1 2 5 9 10 6 1 0 1
Mumbai = Bombay, India      | 19.08 72.88  | 17 18 21 24 27 26 25 25 24 23 21 18 | 31 31 33 33 34 32 30 30 31 34 34 32 | 0 0 0 0 1 15 23 21 15 3 1 0
Dhaka, Bangladesh           | 23.81 90.41  | 13 16 20 24 25 26 26 26 26 24 19 15 | 25 28 32 34 33 33 32 32 32 32 29 26 | 1 2 3 7 12 15 19 18 13 7 1 1
Bangkok, Thailand           | 13.76 100.50 | 23 24 26 27 27 26 26 26 25 25 24 23 | 33 34 35 36 35 34 34 33 33 33 33 32 | 2 2 3 6 14 15 16 18 20 16 5 1
Hanoi, Vietnam              | 21.03 105.85 | 15 16 18 22 25 27 27 26 25 23 19 16 | 20 21 24 28 32 34 34 33 32 29 26 22 | 5 7 9 8 11 11 12 13 10 7 5 4
Singapore, Singapore        | 1.35 103.82  | 24 25 25 25 26 26 25 25 25 25 25 24 | 31 31 32 32 32 32 31 31 32 32 31 31 | 13 9 12 15 15 13 14 15 14 15 19 19
Jakarta, Indonesia          | -6.21 106.85 | 25 25 25 25 26 25 25 25 25 25 25 25 | 31 31 32 33 33 33 33 33 34 33 33 32 | 18 18 14 11 8 6 4 3 4 7 11 14
Manila, Philippines         | 14.60 120.98 | 24 24 26 27 27 27 26 26 26 26 25 24 | 30 31 33 34 34 33 32 31 31 31 31 30 | 4 3 3 3 9 14 18 19 18 14 11 8
Hong Kong, Hong Kong        | 22.32 114.17 | 15 15 17 21 24 27 27 27 26 24 20 16 | 19 20 22 26 29 31 32 31 30 28 25 21 | 5 6 7 8 12 16 15 15 12 6 5 4
Taipei, Taiwan              | 25.03 121.57 | 14 14 16 19 22 25 26 26 25 22 19 16 | 20 20 22 26 29 32 34 34 31 28 24 21 | 10 11 11 11 11 12 9 11 10 9 9 9
Beijing = Peking, China     | 39.90 116.40 | -7 -4 2 9 15 20 23 22 16 8 0 -6     | 2 6 13 21 27 31 32 31 27 19 10 4    | 1 2 2 3 4 7 9 8 5 3 2 1
Shanghai, China             | 31.23 121.47 | 3 4 8 13 18 22 26 26 22 17 11 5     | 8 11 15 20 25 28 33 32 28 23 18 11  | 9 9 11 10 10 12 10 10 8 6 7 7
Seoul, South Korea          | 37.57 126.98 | -6 -3 2 8 13 18 22 23 17 10 3 -3    | 2 5 11 18 23 28 29 30 26 20 12 4    | 4 4 5 7 7 8 13 11 7 5 6 4
Tokyo, Japan                | 35.68 139.69 | 1 2 5 10 15 19 23 24 21 15 9 4      | 10 11 14 19 24 26 30 31 28 22 17 12 | 5 6 10 10 10 12 12 9 12 11 8 5

# Africa
Cairo, Egypt               | 30.04 31.24  | 9 10 12 15 18 21 23 23 21 18 14 11  | 19 20 24 28 32 34 35 34 33 29 25 20 | 2 2 1 1 0 0 0 0 0 0 1 2
Casablanca, Morocco        | 33.57 -7.59  | 9 10 11 13 15 18 20 21 19 16 13 10  | 17 18 19 20 22 24 26 26 26 24 20 18 | 7 6 6 5 3 1 0 0 1 5 6 7
Dakar, Senegal             | 14.69 -17.45 | 18 17 18 19 20 24 25 25 25 25 23 20 | 26 26 26 26 26 29 30 30 31 31 30 27 | 0 0 0 0 0 1 5 10 8 2 0 0
Accra, Ghana               | 5.60 -0.19   | 24 25 25 25 25 24 23 22 23 24 24 24 | 32 33 33 32 32 30 28 28 29 31 32 32 | 1 2 4 6 9 10 5 4 6 6 3 2
Lagos, Nigeria             | 6.52 3.38    | 23 25 25 25 25 24 24 23 24 24 24 24 | 33 33 33 33 32 30 29 29 30 31 32 33 | 2 3 6 8 12 16 13 10 14 12 5 2
Kinshasa, DR Congo         | -4.32 15.31  | 22 22 22 22 22 20 18 19 21 22 22 22 | 31 31 32 32 31 29 28 29 31 31 31 30 | 11 11 13 15 11 1 0 1 4 10 16 14
Addis Ababa, Ethiopia      | 9.03 38.74   | 8 9 11 12 12 11 11 11 10 9 8 7      | 23 24 25 24 25 23 21 21 22 23 23 22 | 3 4 8 10 9 14 22 22 14 4 2 1
Nairobi, Kenya             | -1.29 36.82  | 13 13 14 15 14 12 11 12 12 14 14 14 | 26 27 27 25 24 23 23 23 26 26 24 25 | 5 5 8 13 10 4 3 3 3 6 14 8
Johannesburg, South Africa | -26.20 28.05 | 15 15 13 10 7 4 4 6 10 12 13 14     | 26 25 24 21 19 16 17 20 23 25 25 26 | 12 9 9 6 3 1 1 1 3 8 11 12
Cape Town, South Africa    | -33.92 18.42 | 16 16 15 12 10 8 7 8 9 11 14 15     | 27 27 26 23 21 18 18 18 20 22 24 26 | 3 2 3 5 8 9 9 9 6 4 3 3

# North America
New York = New York City = NYC, New York = NY, United States | 40.71 -74.01  | -2 -1 2 7 13 18 21 21 17 11 5 1     | 4 6 10 17 22 27 29 28 24 18 12 7    | 8 7 8 9 9 8 8 8 7 7 7 9
Miami, Florida = FL, United States                           | 25.76 -80.19  | 16 17 18 21 23 25 25 25 25 23 20 18 | 25 26 27 29 30 32 33 33 32 30 28 26 | 5 4 4 5 8 13 12 14 13 9 6 5
Chicago, Illinois = IL, United States                        | 41.88 -87.63  | -8 -6 -1 5 10 16 19 19 15 8 2 -4    | 0 2 8 15 21 27 29 28 24 17 9 3      | 8 7 8 9 10 9 8 8 7 8 8 8
Denver, Colorado = CO, United States                         | 39.74 -104.99 | -8 -7 -3 1 6 11 15 14 9 2 -4 -8     | 8 9 13 17 22 29 32 31 26 19 12 8    | 2 3 4 6 7 5 5 5 4 3 3 3
Los Angeles = LA, California = CA, United States             | 34.05 -118.24 | 10 10 11 12 14 16 18 18 17 15 12 9  | 20 20 21 23 24 26 28 29 28 26 23 20 | 4 5 4 2 1 0 0 0 0 1 2 4
San Francisco, California = CA, United States                | 37.77 -122.42 | 8 9 9 10 11 12 13 13 13 13 10 8     | 14 16 17 17 18 19 19 20 21 21 17 14 | 9 9 8 5 3 1 0 0 1 2 6 9
Seattle, Washington = WA, United States                      | 47.61 -122.33 | 3 3 4 6 9 12 14 14 12 8 5 3         | 9 10 12 15 19 22 25 26 22 16 11 8   | 15 12 13 11 8 6 3 3 5 11 15 15
Anchorage, Alaska = AK, United States                        | 61.22 -149.90 | -11 -9 -8 -1 5 10 12 10 6 -1 -8 -10 | -5 -2 1 8 14 18 19 18 13 5 -2 -4    | 6 6 4 4 5 7 9 11 11 8 7 8
Toronto, Ontario = ON, Canada                                | 43.65 -79.38  | -6 -6 -2 4 10 15 18 18 14 8 2 -3    | -1 0 5 11 18 24 27 26 22 14 8 2     | 9 8 8 9 9 8 8 7 7 9 8 9
Montreal, Quebec = QC, Canada                                | 45.50 -73.57  | -13 -12 -6 2 8 14 17 16 11 5 -1 -8  | -5 -3 2 11 19 24 27 26 21 13 6 -1   | 11 9 10 10 10 10 10 9 9 10 10 11
Vancouver, British Columbia = BC, Canada                     | 49.28 -123.12 | 2 1 3 6 9 12 14 14 11 7 4 1         | 7 8 10 13 17 20 22 22 19 14 9 7     | 17 14 15 12 10 9 5 5 8 14 18 18
Mexico City = Ciudad de México, Mexico                       | 19.43 -99.13  | 7 8 10 12 13 14 13 13 13 11 9 7     | 22 24 26 27 27 25 24 24 23 23 22 22 | 1 2 3 5 10 15 19 18 16 8 2 1
Havana = La Habana, Cuba                                     | 23.11 -82.37  | 19 19 20 22 23 24 25 25 24 24 22 20 | 26 27 28 29 30 31 32 32 31 29 28 27 | 4 4 4 4 7 10 9 11 12 10 6 5

# South America
Bogotá, Colombia                                  | 4.71 -74.07   | 8 8 9 10 10 9 9 9 9 9 9 8           | 20 20 20 20 19 19 19 19 19 19 19 20 | 6 8 11 14 15 13 12 11 11 15 13 8
Quito, Ecuador                                    | -0.18 -78.47  | 10 10 10 10 10 9 9 9 9 9 9 10       | 19 19 19 19 19 19 20 20 20 20 19 19 | 12 13 16 16 13 7 4 5 9 14 13 11
Lima, Peru                                        | -12.05 -77.04 | 20 21 20 19 17 16 16 15 15 16 17 18 | 26 27 27 25 22 20 19 18 19 20 22 24 | 0 0 0 0 0 1 1 1 1 0 0 0
São Paulo, São Paulo = SP, Brazil                 | -23.55 -46.63 | 20 20 19 18 15 13 13 13 15 17 18 19 | 29 29 28 27 24 23 23 25 26 27 27 28 | 16 14 13 7 7 5 5 4 8 10 11 14
Rio de Janeiro = Rio, Rio de Janeiro = RJ, Brazil | -22.91 -43.17 | 24 24 23 22 20 19 18 19 19 21 22 23 | 31 31 30 28 26 26 25 26 26 27 28 30 | 11 8 10 8 6 5 4 4 7 9 10 11
Santiago = Santiago de Chile, Chile               | -33.45 -70.67 | 13 13 11 8 6 4 3 5 6 8 10 12        | 30 30 28 23 19 16 15 17 19 23 26 29 | 0 0 0 1 4 5 5 5 3 2 1 0
Buenos Aires, Argentina                           | -34.60 -58.38 | 20 19 18 14 11 8 7 9 11 14 16 19    | 30 29 27 23 19 16 15 18 19 23 26 29 | 7 6 7 7 5 5 5 5 5 8 8 7
Ushuaia, Argentina                                | -54.80 -68.30 | 6 6 4 2 0 -1 -2 -1 1 2 4 5          | 15 14 13 10 7 5 5 6 9 11 13 14      | 11 10 10 9 8 8 7 7 7 8 9 10

# Oceania
Sydney, New South Wales = NSW, Australia   | -33.87 151.21 | 20 20 18 15 12 10 9 10 12 15 17 18  | 27 27 26 23 21 18 18 19 22 24 25 26 | 8 9 10 8 7 8 6 5 6 7 8 8
Melbourne, Victoria = VIC, Australia       | -37.81 144.96 | 16 16 15 12 10 8 7 8 9 11 12 14     | 27 27 25 21 17 15 14 16 18 20 23 25 | 5 5 6 7 8 9 9 10 9 9 8 7
Brisbane, Queensland = QLD, Australia      | -27.47 153.03 | 22 21 20 17 14 12 10 11 14 16 19 20 | 30 30 29 27 24 22 22 23 26 27 28 30 | 9 9 9 7 6 5 4 4 5 6 7 9
Perth, Western Australia = WA, Australia   | -31.95 115.86 | 18 18 17 14 11 9 8 8 10 12 14 16    | 31 32 30 26 22 20 18 19 20 23 27 29 | 1 1 2 5 8 11 13 12 10 6 3 2
Darwin, Northern Territory = NT, Australia | -12.46 130.84 | 25 25 25 24 22 20 19 20 23 25 25 25 | 32 31 32 33 32 31 31 31 33 33 33 33 | 18 17 16 7 2 0 0 0 2 5 10 14
Auckland, New Zealand                      | -36.85 174.76 | 16 17 15 13 11 9 8 8 10 11 12 15    | 23 24 22 20 17 15 15 15 17 18 19 22 | 8 7 8 10 12 13 14 14 12 11 10 9
Wellington, New Zealand                    | -41.29 174.78 | 14 14 13 11 9 7 7 7 8 9 10 12       | 20 21 19 17 14 12 12 12 14 15 16 19 | 7 7 8 9 11 12 12 12 11 11 9 9
Suva, Fiji                                 | -18.14 178.44 | 24 24 24 23 22 22 21 21 21 22 23 23 | 31 31 31 30 29 28 27 27 27 28 29 30 | 18 17 20 17 13 11 10 11 12 13 14 16
Honolulu, Hawaii = HI, United States       | 21.31 -157.86 | 19 19 20 21 22 23 24 24 24 23 22 20 | 27 27 27 28 29 31 31 32 31 30 29 27 | 5 4 5 3 3 2 3 3 3 4 5 5
`;

/** A city and its typical year. The arrays have twelve numbers, January first. */
export interface City {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The state or province that people name after the city, in full and in short. */
  readonly regions: readonly string[];
  readonly country: string;
  readonly continent: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Mean daily minimum, °C. */
  readonly low: readonly number[];
  /** Mean daily maximum, °C. */
  readonly high: readonly number[];
  /** Days with at least 1 mm of rain or snow. */
  readonly rainyDays: readonly number[];
}

export const cities: readonly City[] = parse(table);

function parse(text: string): City[] {
  return text
    .trim()
    .split(/^# /m)
    .slice(1)
    .flatMap((section) => {
      const [continent = "", ...lines] = section.trim().split("\n");
      return lines.map((line) => parseCity(line, continent));
    });
}

function parseCity(line: string, continent: string): City {
  const [label = "", ...columns] = line.split("|").map((column) => column.trim());
  const [position = [], low = [], high = [], rainyDays = []] = columns.map((column) =>
    column.split(" ").map(Number),
  );
  const [names = "", ...around] = label.split(", ");
  const [name = "", ...aliases] = names.split(" = ");
  const country = around.at(-1) ?? "";
  const regions = around.slice(0, -1).flatMap((region) => region.split(" = "));
  const [latitude = Number.NaN, longitude = Number.NaN] = position;
  return { name, aliases, regions, country, continent, latitude, longitude, low, high, rainyDays };
}
