package workload

import "strings"

// The lists that documents are written from. They are long enough that no codec
// learns them by heart within a batch.
var (
	givenNames = strings.Fields(`
Ada Aiko Alma Amir Ana Anders Anya Arjun Astrid Aylin Ben Bao Bianca Bjorn
Carla Cem Chen Chloe Clara Daan Dara Diego Dina Dmitri Elena Elif Emeka Emil
Esra Fatima Felix Fiona Gita Goran Greta Hana Hassan Henrik Hugo Ida Igor Ines
Isla Ivan Jae Jana Joao Jonas Julia Kaito Karim Kemal Kira Kofi Lara Leif Lena
Liam Lin Lucia Luka Magnus Maja Malik Marta Mei Mila Minh Mira Nadia Nikos Nina
Noor Odin Olga Omar Oskar Paolo Pavel Petra Priya Quinn Rafael Rana Remy Rosa
Sami Sara Selin Seo Sofia Soren Tala Tariq Theo Tomas Uma Vera Viktor Wanjiru
Wei Yara Yusuf Yuki Zara Zoe`)

	familyNames = strings.Fields(`
Abebe Adler Ahmed Almeida Andersen Aoki Bakker Banerjee Becker Berg Bianchi
Blanc Bosch Castro Celik Chan Costa Cruz Dahl Demir Diaz Dubois Eriksen Evans
Farah Fischer Fonseca Fuentes Garcia Ghosh Gruber Haddad Hansen Hayashi Hoang
Horvat Ibrahim Ito Ivanov Jansen Jensen Jung Kaya Keller Khan Kim Kovac Kowalski
Krause Kumar Larsen Laurent Lee Lindgren Lopez Maier Mbeki Mendes Meyer Moreau
Mori Mwangi Nagy Nakamura Nguyen Nielsen Novak Okafor Olsen Onyango Ortiz Osman
Park Patel Pereira Petrov Popescu Ramos Rossi Saito Santos Sato Schmid Shah
Silva Singh Sokolov Suzuki Takeda Tanaka Tran Vargas Virtanen Wagner Weber Wong
Yamada Yang Yilmaz Zhang Zhou`)

	cities = strings.Fields(`
Accra Adana Almaty Amsterdam Ankara Antwerp Athens Austin Baku Bangkok Barcelona
Basel Bergen Berlin Bilbao Bogota Boston Brisbane Brno Bruges Bucharest Busan
Cairo Calgary Casablanca Chennai Chicago Cologne Cork Daegu Dakar Dallas Delhi
Denver Dhaka Dublin Durban Geneva Genoa Ghent Graz Hamburg Hanoi Helsinki
Incheon Istanbul Izmir Jakarta Kampala Karachi Kobe Krakow Kyoto Lagos Lahore
Leipzig Lima Linz Lisbon Ljubljana London Lyon Madrid Malmo Manila Medellin
Melbourne Milan Montreal Mumbai Munich Nagoya Nairobi Naples Nice Osaka Oslo
Ottawa Paris Perth Phoenix Porto Prague Pune Quito Riga Rome Rotterdam Salvador
Santiago Sapporo Seattle Seoul Seville Sofia Stockholm Taipei Tallinn Tokyo
Toronto Tunis Turin Utrecht Valencia Vienna Vilnius Warsaw Zagreb Zurich`)

	countries = strings.Fields(`
AE AR AT AU BD BE BG BR CA CH CL CO CZ DE DK EC EE EG ES FI FR GB GH GR HR HU
ID IE IN IT JP KE KR KZ LT LV MA MX MY NG NL NO NZ PE PH PK PL PT RO RS SA SE
SG SI SK TH TN TR TW TZ UA UG US VN ZA`)

	currencies = strings.Fields(`EUR USD KRW JPY GBP CHF SEK NOK DKK PLN CZK TRY INR BRL CAD AUD SGD MXN ZAR`)
	statuses   = strings.Fields(`created paid packed shipped delivered returned refunded cancelled on-hold disputed`)
	tiers      = strings.Fields(`basic silver gold platinum staff trial`)
	systems    = strings.Fields(`android-14 android-15 ios-17 ios-18 linux macos-14 macos-15 windows-10 windows-11 tizen-8 webos-6`)
	mails      = strings.Fields(`example.com example.org example.net mail.example post.example inbox.example`)

	adjectives = strings.Fields(`
amber black blue brass brown ceramic classic compact copper coral cotton curved
deep double dry electric extra fine flat folding fresh golden green grey heavy
hollow indigo ivory large leather light linen little long magnetic maroon matte
mini modern narrow natural navy olive orange oval pale paper pink plain portable
purple quiet red round rubber rustic sharp short silver slim small smoked soft
solid square steel striped thick thin tall travel velvet warm white wide wooden
woollen yellow`)

	goods = strings.Fields(`
adapter apron backpack basket battery belt bench blanket board bottle bowl box
bracket brush bucket cable camera candle cap card carpet case chair charger clock
coat compass cord cup curtain cushion desk drill easel fan filter flask fork frame
glove glue hammer hat headset helmet hook jacket jar kettle keyboard knife ladder
lamp lantern lens level lock mat mirror mixer monitor mouse mug napkin needle
notebook oven paddle paint pan pen pencil pillow pitcher plate plug pot printer
pump rack radio razor ring rope router ruler saddle scale scarf screen shelf shirt
shoe shovel sofa spoon stand stool stove strap switch table tape tent thermos
ticket timer toaster torch towel tray tripod vase vest wallet watch wheel wrench`)

	prose = strings.Fields(`
a about above across after again against all almost along already also although
always among an and another any around as ask at away back be because been before
behind being below best better between both bring brought but by call came can
carry change check clear close come could day dear deliver did different do does
door down during each early either else end enough even evening every exchange
far few find first floor follow for found friday from front full further garden
gate gave gift give given go good got great had half hand happy has have he hear
help her here him his home hope hour house how however if important in inside
instead into is it its just keep kind knew know known large last late later least
leave left less let letter like line little live long look made make many may me
mean message might monday more morning most mr mrs much must my name near need
neighbour never new next night no not nothing now number of off often old on once
one only open or other our out outside over own package part paid per perhaps
phone piece place please point possible put question quite rather reach read ready
really reason receipt received return right ring room said same saturday saw say
second see seem seen send sent set several shall she short should show side signed
since size small so some something soon still stop street such sunday sure take
taken tell than thank that the their them then there these they thing think this
those though thought three through thursday time to today together told tomorrow
too took top toward tried tuesday turn two under until up upon us use used usual
very wait want was way we wednesday week well went were what when where whether
which while who whole why will wish with within without word work would write
wrong year yes yesterday yet you young your`)
)
