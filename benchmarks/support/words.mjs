/** Common English words and those of support desks, orders and travel, most frequent first. */
export const words =
  `the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
one you were all her she there would their we him been has when who will no more if out so up said what its about than into them
can only other time new some could these two may first then do any like my now over such our man me even most made after also did
many off before must well back through years much where your way down should because long each just state those people too mister
little good make very world still see own work men day get here between both life being under three never know same last another
while us might great year against go say used come yourself home right place took without old high school water few during might
number part take house small thought however under again found until fact went something always head general hand public far better
night end asked called didn't eyes find going look power course less almost enough city yet government social system set told
nothing possible best group toward order questions answer customer account ticket request delivery address invoice payment refund
shipping package tracking warehouse product catalogue discount subscription renewal contract support agent supervisor escalate
manager department policy warranty return replacement damaged missing delayed confirmed cancelled scheduled appointment calendar
meeting tomorrow yesterday morning afternoon evening weekend holiday flight hotel booking reservation passenger luggage airport
terminal boarding gate departure arrival connection traveller passport embassy insurance itinerary museum restaurant menu kitchen
recipe ingredient flavour vegetable chicken tomato garlic pepper butter oven minutes temperature degrees weather forecast rain sunny
cloudy wind storm snow winter summer spring autumn river mountain valley forest garden flower animal horse bird fish ocean island
village country capital border language culture history century empire kingdom revolution republic election parliament minister
president committee decision agreement treaty economy market price inflation interest bank loan mortgage investment portfolio share
profit revenue budget expense quarter forecasted analysis report document summary paragraph sentence translate rewrite formal
informal tone audience reader writer author chapter novel poem character theatre music guitar piano concert orchestra painting
gallery photograph camera film director actor science research experiment laboratory molecule protein enzyme bacteria virus vaccine
patient doctor nurse hospital symptom diagnosis treatment medicine tablet headache allergy exercise training muscle nutrition
protein vitamin database server network latency throughput request response timeout retry deploy cluster container function
variable compiler runtime memory processor thread queue cache index query schema table column record transaction migration backup
restore encryption password certificate token session browser interface component button keyboard screen mobile application release
version feature bug issue commit branch review documentation tutorial example parameter argument result error exception warning
message notification email attachment download upload folder file archive compress image video audio stream signal sensor robot
vehicle engine battery charger station electric bicycle bridge tunnel railway platform carriage harbour vessel cargo container
factory machine assembly steel concrete timber glass plastic recycling energy solar turbine reactor pipeline pressure volume surface
gravity velocity equation theorem probability statistics average median distribution hypothesis evidence conclusion`.split(
    /\s+/,
  );
