"""Where somebody lives: street and number, post codes, corners, post boxes, coordinates."""

import re
from collections.abc import Iterator

from .found import Found
from .views import View

_NUMBER = r"(?:\d{1,5} ?[a-z]?(?:[ /-]\d{1,4}[a-z]?)?|\d{1,4} (?:bis|ter)|\d{1,2} \d{2,3}|\d(?:[ -]\d){1,3})"
_WORD = r"(?:[a-z'][a-z'.-]{0,24}|[a-z]{1,8}[\d!$]{1,2}[a-z][a-z\d]{0,12}|[01345][a-z]{2,12}|\d{1,3}(?:st|nd|rd|th))"
_STRONG = r"street|str|\$t|5t|gdns|str33t|stret|strt|avenue|av|aven?|avn|boulevard|blvd|road|rd|lane|crescent|cres|parkway|pkwy|highway|hwy|terrace|tce|parade|esplanade|mews|quay|wharf|gardens|turnpike|freeway|plaza"
_LOWER = r"st|dr|drive|ln|court|square|sq|trail|circle"  # streets in small letters too
_WEAK = r"st|dr|drive|ln|court|ct|place|pl|way|close|square|sq|circle|cir|trail|grove|row|alley|walk|hill|rise|view|heights|green|loop|park|pde|bend|ridge|run|point|pike|path|pass|gate|wy|mount|terr|cr|cresc|crst|grn|hl|fields|meadows?|yard|woods|croft|garth|brow|wynd|vale|cottages|villas|arches|orchard|copse|hollow|crossing|landing|cove|bluff|glen|manor|brae|causeway|chase|fold|gables"
_NOT_STREET = (
    r"(?! ?(?:names?|value|price|prices|sample|samples|drugs?|pills?|benzos?|fent\w*|level|outreach|market|supply|dealer|mix|bag|bags|dope|heroin|meth|team|"
    r"medicine|party|slang|word|term|purity|grade|weight|tablets?|tabs|oxys?|xans?|xanax|coke|cut|users?|based|bought|corner|view of|stuff|product|version|quality)s?(?![a-z]))"
)
_ENGLISH = re.compile(
    rf"(?<![a-z\d.,-])(?<!\d[.,:])(?P<no>{_NUMBER}),? {{1,2}}(?P<name>{_WORD}(?: {{1,2}}{_WORD}){{0,3}}) {{1,2}}(?P<type>{_STRONG}|{_WEAK})\.?(?![a-z\d]){_NOT_STREET}"
)
_GLUED = re.compile(r"(?<![a-z\d.,-])\d{1,5},? {0,2}[a-z]{3,20}(?:street|avenue|road|lane)(?![a-z])")
_LETTERED = re.compile(
    r"(?<![a-z\d])\d{1,5} {1,2}(?:(?:[nsew]|north|south|east|west|nw|ne|sw|se)\.? )?\d{1,3}(?:st|nd|rd|th) {0,2}(?:st|street|ave?|avenue|rd|road|pl|place|ct|blvd)(?![a-z])"
)
_NO_STREET = frozenset(
    "mg ml ug ng g kg mm cm min pills pill tabs tab tablets bags bag samples sample drops of in on the at by from to for with and or not no more less per hits doses strips people "
    "blue white pink green yellow grey black common main different new old other known street small big same each x was is were found called hours days weeks times minutes "
    "pastillas bolsas gotas strip line lines spot spots hot cold flash usb hard this that his her only very much too all went came half long another lines line way".split()
)
_NEVER_STREET = frozenset(
    "mg ml ug ng kg mm cm min pills pill tabs tab tablets bags bag samples sample drops of in on the at by from to for with and or per hits doses strips people was is found called known hours days weeks times "
    "minutes this that his her only very much too all went came another".split()
)
_HOME = re.compile(
    r"(?<![a-z])(?:lives?|living|lived|stays?|staying|resid\w{0,6}|home|home is|house|address(?: is)?|addrs?\.?|adress|addres|addy|flat|apartment|place is|came from|from|dropped (?:off )?at|pick(?:ed)? (?:her |him )?up (?:at|from)|deliver(?:ed)? to|"
    r"send to|mail to|post to|ship to|works? at|squat\w{0,3}|crash\w{0,3}|camp\w{0,3}|vive|viven|vivo|domicilio|direccion|dir\.|casa|reside|piso|recoger en|mandar a|enviar a|wohnt|wohnhaft|wohnung|adresse|anschrift|habite|loge|demeure|domicilie|woont|adres|chez|kommt aus)(?![a-z])"
)
_ADDRESS_IS = re.compile(
    r"(?<![a-z])(?:address|addrs?|addy|domicilio|direccion|adresse|anschrift|adres|wohnhaft|wohnt|habite|woont|vive en|lives? (?:at|on|in)|resides at|stays? (?:at|on)|staying at|home is|mora)(?: is)?[ :=.]{1,3}(?!the peak|this|that|it|issue|problem|by |in )[^\x00]{0,34}?(?<![\d.])\d{1,5}[a-z]?(?![\d%.]| ?(?:mg|ml|min|c |days?|weeks?|months?|years?|people|others|kids|friends|dias|semanas|meses|anos|tage|wochen|blocks?|minutes?|km|miles?|min))"
)
_LIVES_ON = re.compile(
    rf"(?<![a-z])(?:lives?|living|stays?|staying|resides?|house|flat|home|apartment|squat|tent|camp\w{{0,3}}|room|place)(?: is| now)? (?:at|on|in|near|by|off|behind|above) (?:the )?{_WORD}(?: {_WORD}){{0,2}} (?:{_STRONG}|st|dr|drive|court|place|close|way)(?![a-z]){_NOT_STREET}"
)
_CORNER = re.compile(
    r"(?<![a-z])(?:corner(?: of)?|cnr(?: of)?|cnr\.|intersection of|esquina (?:de|con)|esq\.?|ecke|angle de|hoek)(?: the)? [a-z\d'.-]{2,20}(?: [a-z'.-]{2,14})? {0,2}(?:and|&|y|con|und|et|en|/) {0,2}[a-z\d'.-]{2,20}"
)
_CROSS = re.compile(
    r"(?<![a-z\d])\d{1,3}(?:st|nd|rd|th) (?:street |st |ave |avenue )?(?:and|&|at|@|/|x) [A-Z][a-z]{2,20}(?![a-z])"
)
_SPANISH = re.compile(
    r"(?<![a-z])(?:calle|carrer|cll|c ?/(?! ?(?:min|h|hr|s|sec)(?![a-z]))|cl\.|c\.(?= (?:de|del|la|los|las) )|avenida|avda\.?|av\.?|paseo|pso\.?|ave\.|caye|kalle|cale|clle\.?|p\.?o\.?(?= de )|p\.o|plaza|pza\.?|plza\.?|carrera|cra\.?|camino|carretera|ctra\.?|callejon|blvd\.?|bulevar|trav\.|boulevard|calzada|rua|travessa|praca|glorieta|ronda|"
    r"cuesta|pasaje|privada|priv\.|cerrada|andador|eje|periferico|circuito|prolongacion|rambla|travesia|via|gran via|urbanizacion|urb\.|colonia|col\.|barrio|fracc\.?|poligono)(?: |(?<=[./]))"
    r"(?P<name>(?:de |del |de la |de los |de las |la |el |los |las )?[a-z\d'.-]{1,20}(?:,? (?:de |del |la |las |los |y )?[a-z'.-]{2,20}){0,3}?),? {0,2}(?:num(?:ero|\.)?|no\.?|n\.?o?\.?|#|nr\.?|manzana|mz|lote|int\.?|esq\.?)? ?#? ?(?P<no>\d{1,5}|s/n)(?![\d%,.]\d| ?(?:mg|ml|euros?|eur|pesos|pastillas|gramos?|g|bolsas?|dosis|min|horas|veces|pases?|usd|x|c|grados|mm|cm|nm|cm-?1|h|hrs?)(?![a-z]))"
)
_NO_CALLE = frozenset(
    "se vende venden vendido vendida compra comprado comprada por con a que como en nombre droga precio vale cuesta son es hay llaman llamado dicen marca trae salio cuestan unas unos tiene lleva".split()
)
_GERMAN = re.compile(
    r"(?<![a-z])(?:[a-z.-]{2,24}(?:strasse|strase|str\.?|gasse|gassli|allee|platz|weg|damm|ufer|steig|graben|promenade|chaussee|gaessli|strassli|markt|berg|hof|ring)|[a-z]{3,20}(?:er|en|s)? (?:strasse|str\.|gasse|allee|platz|weg|damm|ufer|ring|chaussee))"
    r",? {0,2}(?:nr\.? ?|nummer )?\d{1,4} ?[a-z]?(?![\d%a-z]|[.,]\d| ?(?:mg|ml|min|mm|cm|nm|grad|tage|mal|uhr|stunden|euro)(?![a-z]))"
)
_DUTCH = re.compile(
    r"(?<![a-z])(?:(?:[a-z.-]{1,24} )?(?:gracht|straat|laan|kade|singel|plein)|[a-z.-]{2,24}(?:straat|laan|weg|plein|gracht|kade|dijk|singel|steeg|hof|dreef|pad|plantsoen|markt|burgwal|vliet|haven|str\.)),? {0,2}(?:nr\.? ?|nummer )?\d{1,4} ?[a-z]{0,2}(?![\d%a-z]|[.,]\d| ?(?:mg|ml|min|mm)(?![a-z]))"
)
_AM = re.compile(
    r"(?<![a-z])(?:wohnt|wohnhaft|adresse|zuhause|bei)[ :]{1,2}(?:in |im |an |am |zur |zum |auf |der |dem |den |unter |beim ){1,3}[a-z]{3,24} {1,2}\d{1,4}[a-z]?(?![a-z\d])"
)
_REVERSED = re.compile(
    rf"(?<![a-z])[a-z'.-]{{3,20}}(?: [a-z'.-]{{3,20}})? (?:{_STRONG}|st|drive|court|ln)\.?,? {{0,2}}(?:no\.? ?|# ?|number |nr\.? ?|house )?\d{{1,5}}[a-z]?(?![\d%.:a-z]| ?(?:mg|ml|min|strips?|bags?|pills?|samples?|drops?|times|faint|of|tabs?|reads?)(?![a-z]))"
)
_TWO_STREETS = re.compile(
    rf"(?<![a-z])[a-z'.-]{{3,20}} (?:{_STRONG}|st) (?:and|&|/|y|at|@) (?:[a-z'.-]{{3,20}}|\d{{1,3}}(?:st|nd|rd|th))(?: (?:{_STRONG}|st|drive))(?![a-z])"
)
_CROSS_BEHIND = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{2,20} *(?:and|&|/|at|@|x) *\d{1,3}(?:st|nd|rd|th)(?![a-z])(?! (?:run|strip|sample|time|test|hit|peak|of|line|reading))"
)
_UNIT = re.compile(
    r"(?<![A-Za-z])(?:[Uu]nit|[Ff]lat|[Aa]pt|[Ss]uite|[Ll]evel) ?#?\d{1,4}[A-Za-z]?,? (?:/ ?)?\d{1,5} [A-Z][a-z]{3,20}(?![a-z])|(?<![A-Za-z])RD ?\d{1,2},? [A-Z][a-z]{3,20}|[A-Z][a-z]{3,20} (?:#|[Nn]umero |[Nn]um\.? |[Nn]o\.? )\d{1,5},? (?:[Cc]ol\.?|[Ii]nt(?:erior|\.)?|[Aa]pt|[Cc]olonia|[Cc]entro|[Dd]e?pto\.?|[Pp]iso)(?![a-z])"
)
_MORE = re.compile(
    r"(?<![a-z])(?:\d{2,5} block of [a-z\d]{2,20}|(?:haus|huis)nummer ?\d{1,5}|(?:apt|apto|depto|dpto|flat|whg)\d{1,4}[a-z]?|\d{1,3} (?:st|ave?|street|avenue) (?:and|&|/|at|@) \d{1,3} (?:st|ave?|street|avenue)|[a-z]{3,20} (?:st|ave?|street|avenue) (?:and|&|/|at|@) \d{1,3} (?:st|ave?|street|avenue)|(?:habite|loge|vit|demeure)(?: \w{1,5})? (?:rue|avenue|boulevard|impasse|quai) (?:de |du |des |de la |l')?[a-z]{3,20}|between \d{1,3}(?:st|nd|rd|th) (?:and|&) \d{1,3}(?:st|nd|rd|th) on [a-z]{3,20}|piso \d{1,2}o?,? (?:puerta|pta\.?|letra|izq\w*|dcha|derecha) ?[a-z\d]{0,2}|(?:residence|appt?|cite|foyer)[^.;\x00]{1,30} bat(?:iment)?\.? ?[a-z\d]{1,2}|[2-9cfghjmpqrvwx]{4,8}\+[2-9cfghjmpqrvwx]{2,3}|maps\.app\.goo\.gl/\w{3,30}|goo\.gl/maps/\w{3,30}|maps\.google\.[a-z]{2,3}/\S{2,60}|google\.[a-z]{2,3}/maps\S{2,60}|\d{1,5}[-_][a-z]{3,20}[-_](?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|way|close)|(?:[a-z\d]{2,4} ?-?\d[a-z]{1,2}\d?|\d{4,5}) (?:is|=|was|es|ist) (?:(?:her|his|their|the|my|home|su|el) )?(?:zip|post ?-?code|postal|plz|cp)|(?:at|near|on|corner|lives|by|stays|off) [a-z]{3,20} (?:and|&) \d{1,3}(?:st|nd|rd|th)|"
    r"\d{5}(?:-\d{4})? (?:zip(?: ?code)?|postcode|plz)|[a-z]{3,20},? (?:pa|ny|ca|tx|fl|nj|wa|az|il|ga|nc|sc|va|wi|mi|mn|nv|ut|ct|ri|vt|nh|tn|ky|ks|dc) \d{5}(?!\d)|(?:block|tower|estate|building|edificio|edif\.?|stiege|bloque|torre) ?[a-z\d]{1,3},? (?:flat|apt|unit|rm|room|bed|hab|zimmer|tur|depto|piso|no\.?|#) ?\d{1,4}|(?:colonia|col\.?|barrio) [a-z]{3,20},? (?:calle|av\w{0,6}\.?) [a-z]{3,20}|casa \d{1,5} de (?:la |el )?(?:calle|avenida) [a-z]{3,20}|[a-z]{4,20}g\. \d{1,3}(?=,? ?(?:\d{4} )?wien)|(?:numero|num\.?|n\.?o\.?|#) ?\d{1,5},? (?:de la |en la |de |en )?(?:calle|avenida|av\.) [a-z]{3,20}|casa \d{1,4},? (?:privada|fracc|col|residencial|villas?)|km\.? ?\d{1,4} (?:de la |on )?(?:carretera|autopista|hwy|highway)|calle [a-z]{3,20}(?: [a-z]{3,20})?,? (?:esq\.?|esquina|entre) (?:con |de )?[a-z]{3,20}|"
    r"(?:strasse|platz|allee|weg) (?:der|des|am|zum|von|de) (?:[a-z\d.]{1,15} ){0,2}[a-z]{3,20} \d{1,4}[a-z]?(?![\d%.,])|"
    r"\d{1,4} (?:de la |du )(?:rue|avenue|route) [a-z]{2,20}|p\.? ?o\.? ?b\.? ?#? ?\d{2,6}|"
    r"(?:hotel|motel|inn|hostel|shelter|dorm\w*|hostal|albergue|pension|foyer|residence|heim|lodge|halls?|hotels?)(?: [a-z\d]{1,14}){0,4},? {0,2}(?:room|rm|bed|unit|hab(?:itacion)?|zimmer|chambre|kamer|cuarto|#)\.? ?#?\d{1,4}[a-z]?)(?![a-z\d])"
)
_CROSSING = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})? (?:and|&|y|con|und|et) [A-Z][a-z]{2,20}(?![a-z])"
)
_LIVES = re.compile(
    r"(?<![a-z])(?:lives?|living|stays?|staying|camp\w{0,3}|sleep\w{0,3}|squat\w{0,4}|house|home|flat|corner|apartment|tent|vive|wohnt|habite|woont)(?![a-z])"
)
_HOUSE = re.compile(r",? (?:the |la )?(?:[a-z]{3,10} )?(?:casa|house|edificio|door|building)(?![a-z])")
_AT_NUMBER = re.compile(
    r"(?<![A-Za-z])(?:[Aa]t|[Tt]o|[Nn]ear|[Oo]utside|[Bb]ehind) \d{1,5}[a-z]? (?!Noon|Midnight|Minutes?|Percent|Hours?|Days?|Samples?|Strips?|Bags?|Pills?|Min|Mins|Pm|Am|Hrs|Sec|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Celsius|Kelvin|Degrees|Euros?|Dollars?)[A-Z][a-z]{2,20}(?![a-z])"
)
_DISTRICT = re.compile(
    r"(?<![A-Za-z])(?:[Ll]ives?|[Ll]iving|[Ss]tays?|[Ss]taying|[Pp]ostcode|[Hh]ome) (?:in|is|near) [A-Z]{1,2}\d{1,2}[A-Z]?(?![A-Za-z\d])"
)
_FLAT_OF = re.compile(
    r"(?<![A-Za-z])(?:[Ff]la?t|[Ff]l|[Uu]nit|[Aa]partment|[Aa]pt|[Rr]oom|[Ss]uite)\.? #?\d{1,4}[A-Za-z]?,? [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})? (?:House|Hse|Ho|Bldg|Ct|Apts?|Mans|Court|Tower|Towers|Hall|Building|Lodge|Heights|Mansions|Point|Block|Estate|Gardens|Inn|Hotel|Motel|Manor|Village)|# ?\d{1,4}[,-]? ?\d{2,5} [A-Z][a-z]{3,20}(?![a-z])"
)
_ROOM_AT = re.compile(
    r"(?<![A-Za-z])(?:[Rr]oom|[Rr]m|[Uu]nit|[Bb]ed|[Hh]ab|[Cc]uarto)\.? ?#?\d{1,4}[A-Za-z]?,? (?:at|in|of|en|del|@) (?:the |el |la )?(?!Lab|Site|Clinic|Harbour|Riverside|Freezer|Rack|Box)[A-Z][a-z]{2,20}(?![a-z])"
)
_OF_CALLE = re.compile(
    r"(?<![\d.,A-Za-z-])\d{1,5},? (?:de|en|sobre|por) (?:la )?(?:[Cc]alle|[Aa]venida|[Aa]v\.|[Cc]arrera|[Pp]aseo) [A-Z][a-z]{2,20}(?![a-z])"
)
_BEFORE_SIDE = re.compile(
    r"(?<![\d.,A-Za-z-])\d{1,5},? (?!Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[A-Z][a-z]{3,20} (?:N|S|E|W|NE|NW|SE|SW|Norte|Sur|Este|Oeste|Nte)\.?(?![A-Za-z\d+-])"
)
_NEAR_CROSS = re.compile(
    r"(?<![A-Za-z])(?:[Nn]ear|[Oo]ff|[Cc]orner|[Cc]nr) \d{1,3} (?:and|&|/) [A-Z][a-z]{3,20}(?![a-z])"
)
_PARK = re.compile(
    r"(?<![A-Za-z])(?:[Ll]ot|[Ss]pace|[Ss]p|[Ss]ite|[Pp]itch|[Pp]lot|[Tt]railer) #?\d{1,4},? (?:[A-Z][a-z]{2,20} ){1,2}(?:Acres|[Pp]ark|Village|Pines|Estates?|Court|Meadows|Mobile|RV|Caravan|Ranch)(?![a-z])"
)
_TITLED = re.compile(
    r"(?<![A-Za-z])(?:Gral|General|Cnel|Coronel|Tte|Ing|Pdte|Presidente|Mons|Almte|Almirante|Cap|Capitan|Mcal)\.? [A-Z][a-z]{2,20} \d{1,5}(?![\d.,%]| ?(?:mg|ml|g)(?![a-z]))"
)
_FLOOR_BEHIND = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{3,20} \d{1,5},? (?:piso )?\d{1,2} ?[oa]\.? ?(?:\d{1,3}|[A-Ha-h]|izq\w*|d[ct]?cha|der\w*|int\w*)(?![A-Za-z\d])"
)
_STREET_CROSSING = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z]{2,20} (?:St|Ave|Av|Rd|Blvd|Street|Avenue|Road)\.?(?: [NSEW])? (?:and|&|/|at) [A-Z][a-z]{3,20}(?![a-z])|(?<![a-zA-Z])(?:[A-Z] \d ){2}[A-Z] \d(?![a-zA-Z\d])"
)
_HOUSE_OF = re.compile(
    r"(?<![A-Za-z])(?:[Ff]lat|[Uu]nit|[Aa]pt|[Rr]oom) [A-Z],? [A-Z][a-z]{2,20} (?:House|Lodge|Court|Tower|Hall|Heights|Mansions|Building)(?![a-z])|"
    r"(?<![A-Za-z])[A-Z][a-z]{2,20} (?:Towers?|House|Lodge|Mansions|Hall|Heights|Apartments|Hotel|Motel|Inn|Hostel),? #?\d{1,4}[A-Za-z]?(?![\d.,%A-Za-z]| ?(?:mg|ml)(?![a-z]))|"
    r"(?<![A-Za-z])c/o (?:[A-Z][a-z]{2,20} ){1,2}(?:House|Lodge|Hostel|Hotel|Shelter|Street|Road)(?![a-z])|(?<![A-Za-z\d])\d{1,5}[A-Z][a-z]{2,20}(?:St|Ave|Rd|Street|Road|Ln|Dr|Blvd|Way|Ct)(?![a-z])|"
    r"(?<![A-Za-z])[Bb]ox \d{2,5},? (?!Freezer|Shelf|Rack|Fridge|Lab|Strips?)[A-Z][a-z]{3,20}(?![a-z])|(?<![\d.,A-Za-z-])\d{1,5},? Ste?-[A-Z][a-z]{2,20}|"
    r"(?<![A-Za-z])(?:[Cc]\.|[Cc]l) [A-Z][a-z]{3,20},? \d{1,4}(?![\d.,%])|(?<![A-Za-z])[Ii]nt(?:erior|\.) \d{1,4},? [A-Z][a-z]{3,20}|"
    r"(?<![A-Za-z])(?:An der|Auf der|Zum|Zur|Unter den|Hinter der) (?!Probe|Test|Zeit|Kontrolle)[A-Z][a-z]{3,20} \d{1,3}[a-z]?(?![\d.,%A-Za-z]| ?(?:mg|ml|Uhr|Min)(?![a-z]))|"
    r"(?<!\d)\d{4,5},? [A-Z][a-z]{2,20}(?:gasse|strasse|allee|weg)(?![a-z])|(?<![\d.,A-Za-z-])[1-9]\d{3}(?!MG|ML|NG|UG|MS|NM|MM)[A-Z]{2} \d{1,4}(?![\d.,%A-Za-z])"
)
_THE_PLACE = re.compile(
    r"(?<![\d.,A-Za-z-])\d{1,4}[a-z]?,? The (?:Old |New )?(?!Lab|Site|Sample|Strip)[A-Z][a-z]{3,20}(?![a-z])"
)
_NAMED_ROAD = re.compile(
    r"(?<![A-Za-z])(?:[Cc]alle|[Aa]venida|[Rr]ue) (?:de |du |del |la )?[A-Z][a-z]{2,20}|(?<![A-Za-z])[A-Z][a-z]{2,20} (?:Lane|Ln|Road|Rd|Avenue|Ave|Drive|Close|Crescent|Street|St|Terrace|Gardens|Way|Court|rd|road|st|street|ave|avenue|ln|lane|dr|drive|close|cres|crescent|blvd)(?![A-Za-z])"
)
_BY_THE = re.compile(
    r"(?<![a-z])(?:am|im|an der|auf der|zum|zur|unter den|in der|hinter der|beim) [a-z]{0,12}(?:markt|winkel|bach|berg|see|wald|linden|anger|hang|graben|ufer|hof|garten|feld|tor|platz|brunnen|brucke|"
    r"muhle|kirche|stadtpark|hafen|rain|acker|eck|steg|wiese|wiesen|grund|weiher|burg) {1,2}\d{1,4}[a-z]?(?![\d%a-z]|[.,]\d| ?(?:mg|ml|min|mm|cm|nm|tropfen|proben)(?![a-z]))"
)
_GRID = re.compile(
    r"(?<![a-z])(?:cra|carrera|kra?|cr|calle|clle|cll|cl|diagonal|transversal|dg|tv)\.? ?\d{1,3} ?[a-z]{0,2} ?(?:#|no\.?|n\.) ?\d{1,3}[a-z]? ?- ?\d{1,3}"
)
_RURAL = re.compile(
    r"(?<![a-z])(?:rural route|rr) ?#? ?\d{1,3},? (?:box|site|comp) ?\d{1,5}|(?<![a-z])(?:hwy|highway|carretera|ctra\.?|route|rte) ?[a-z]{0,2}-?\d{1,4},? km\.? ?\d{1,4}|"
    r"(?<![a-z])(?:manzana|mza?\.?) ?\d{1,3},? (?:lote|lt\.?) ?\d{1,3}|(?<![a-z])(?:lote|lt\.?) ?\d{1,3},? (?:manzana|mza?\.?) ?\d{1,3}"
)
_HOUSE_NUMBER = re.compile(
    r"(?<![a-z])(?:house|haus|door|casa|maison|huis|building|bldg) ?-?(?:no\.?|number|num|nr\.?|nummer|numero|#) ?\d{1,5}[a-z]?(?! ?(?:mg|of))|"
    r"(?<![a-z])(?:number|no\.) \d{1,5}[a-z]? on [a-z]{3,20}(?= |$|\.|,)"
)
_ONE_WORD = re.compile(
    r"(?<![a-z\d.,-])\d{1,5}[a-z]?,? (?:(?:east|west|north|south|[nsew]) )?(?:broadway|[a-z]{4,9}sway|the (?:strand|green|avenue|street|crescent|mall|parade|terrace|mews|grove|close|drive)|strand|piccadilly|[a-z]{4,12}gate)(?![a-z])(?! ?(?:mg|ml))"
)
_NAMED_HOUSE = re.compile(
    r"(?<![\d.,A-Za-z-])(?:\d{1,4}-)?\d{1,5}[a-zA-Z]?,? +(?!(?:Jan|January|Feb|February|Mar|March|Apr|April|May|Jun|June|Jul|July|Aug|August|Sept?|September|Oct|October|Nov|November|Dec|December|Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun|Ene|Abr|Ago|Dic|Enero|Mayo|Proben|Tropfen|Tabletten|Stunden|Minuten|Tage|Uhr|Strips?|Samples?|Bags?|GC|LC|FTIR|MS)(?![a-z]))"
    r"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? +)?[A-Z][a-z']{2,20}(?![a-z])"
)
_DIRECTED = re.compile(
    r"(?<![\d.,A-Za-z-])\d{2,5},? +(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? +(?:[A-Z][a-z']{2,20}|\d{1,3}(?:st|nd|rd|th))(?![a-z])"
)
_NUMBER_BEHIND = re.compile(
    r"(?<![A-Za-z])[A-Z][a-z']{3,20} +(?:n\.?o?\.? ?|num\.? ?|#)?\d{1,4}[a-z]?(?![\d.,%A-Za-z:]| ?(?:mg|ml|min|mm|cm|nm)(?![a-z]))"
)
_SURE_HOME = re.compile(
    r"(?<![a-z])(?:lives?|living|lived|stays?|staying|resides?|home is|home|house|flat|address|addrs?|place is|dropped (?:off )?at|deliver(?:ed)? to|send to|mail to|ship to|squat\w{0,3}|crash\w{0,3}|camp\w{0,3}|floor|from|crib|pad|owns|depto|dpto|apto|departamento|apartamento|"
    r"vive|viven|vivo|domicilio|direccion|casa|reside|piso|wohnt|wohnhaft|wohnung|adresse|anschrift|habite|loge|woont|adres|chez|bei|basement|upstairs|downstairs|back door|front door)(?![a-z])"
)
_DWELLS = re.compile(
    r"(?<![a-z])(?:lives|living (?:at|in|on)|lived|stays|staying (?:at|in|on)|resides|residence|upstairs|downstairs|lodges|sleeps|\d block|owns|crib|roommate|al lado de|next to|next door|opposite|across from|frente a|enfrente de|neben|gegenuber|a cote de|porteria|portero|conserje|concierge|buzon|mailbox|paquete|landlord|her place|his place|their place|my place|mandar a|enviar a|llevar a|mandalo a|vive|viven|reside|domicilio|wohnt|habite|woont|back lane|front door|back door|doorbell|buzzer|buzz|timbre|klingel)(?![a-z])"
)
_FRENCH = re.compile(
    r"(?<![\d.,])\d{1,4} {0,2}(?:bis|ter)?,? {0,2}(?:rue|r\.|r(?= d[ue] )|avenue|av\.?|boulevard|bd\.?|bvd|blvd|bld|place|pl\.?|chemin|ch\.|impasse|allees?|quai|route|rte|cours|passage|square|sentier|ruelle|faubourg|fbg|esplanade|villa|residence) (?:de |du |des |de la |de l'|d'|la |le |les |l'|aux? ){0,2}[a-z'-]{2,24}"
)
_FRENCH_BEHIND = re.compile(
    r"(?<![a-z])(?:rue|chemin|impasse|avenue|quai|ruelle|route) (?:de |du |des |de la |de l'|d'|la |le |les |l'){0,2}[a-z'-]{3,24}(?: [a-z'-]{3,24})?,? (?:no\.? ?)?\d{1,4}(?![\d%a-z])(?! ?(?:mg|euros|fois|comprimes))"
)
_BOX = re.compile(
    r"(?<![a-z])(?:p ?\.? ?o ?\.? ?b[o0]?x|post office box|apartado(?: postal| de correos)?|apdo\.?|postfach|postbus|bo[i]te postale|b\.?p\.?(?= ?\d{2,5}(?! ?(?:mg|mm|\d|/|over)))|caixa postal|general delivery|locked bag|private bag|gpo box|casilla)[ :#.]{0,3}\d{1,6}"
)
_APARTMENT = re.compile(
    r"(?<![a-z])(?:apt|apartment|appt|appartement|apto|apartamento|depto|departamento|dpto|flat|suite|ste|wohnung|whg|top|unit|piso|floor|etage|stock|room|rm|trailer|lot space|space|cabin|hab(?:itacion)?|zimmer|chambre|kamer|cuarto|puerta|escalera|portal)"
    r"(?: (?:no|nr|num|number))?[ .:#]{1,3}(?P<no>\d(?:-\d){1,3}|\d{1,5}[a-z]?|[a-z]\d{1,3}|\d{1,2}[a-z])(?![a-z\d%])(?: |,|$|\.|;|/)"
)
_SURE_APARTMENT = re.compile(
    r"(?:suite|apt|apartment|appt|apto|apartamento|depto|dpto|departamento|wohnung|whg|appartement|trailer)"
)
_LODGING = re.compile(
    r"(?<![a-z])(?:room|rm|unit|bed|tent|cabin|suite|hab(?:itacion)?|zimmer|chambre|kamer|cuarto)\.? ?#?(?:no\.? ?)?\d{1,4}[a-z]?,? (?:at |of |in |on |del |de |im |in der |de l'|du |van )?(?:the |la |el |an )?(?:[a-z'&-]{1,20} ){0,3}(?:hotel|motel|inn|hostel|shelter|lodge|hall|house|residence|dorm\w*|suites|albergue|pension|hostal|heim|wohnheim|foyer|towers?|building|bldg|block|apartments|projects)(?![a-z])"
)
_ZIP_CUE = re.compile(
    r"(?<![a-z])(?:zip(?: ?code)?|zipcode|post(?:al)? ?-?code|postcode|post code|pcode|p/code|plz|postleitzahl|codigo postal|c\.? ?postal|cod\.? ?postal|c\.?p\.?|code postal|cap|npa|cep|postnummer)(?: (?:is|es|ist|of|home|est|no))?[ :.#=]{0,3}(?P<code>[a-z]{1,2} ?\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?-?\d[a-z]\d|\d{4} ?[a-z]{2}(?![a-z])|\d{4,5}|\d{2} \d{3}|\d(?:-\d){4}|\d{1,2}(?: \d{1,2}){2,4}|[a-z]{1,2}\d{1,2}[a-z]?)(?![a-z\d])"
)
_ZIP4 = re.compile(r"(?<![\d.,-])\d{5} ?- ?\d{4}(?![\d-])")
_BRITISH = re.compile(r"(?<![A-Za-z\d-])(?:[A-Z]{1,2}\d[A-Z\d]?) ?\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z\d-])")
_BRITISH_SMALL = re.compile(
    r"(?<![a-z\d-])(?:[a-pr-uwyz][a-hk-y]?\d{1,2}|[a-z]{1,2}\d[a-z]) \d(?!st|nd|rd|th|hr|ug|ul|ng|pg|gr|pt|ea|dl|ft|lb|pp|gt|wt|ad|as|at|be|by|do|go|he|if|us|up|ta|ex|ed|et|el|es|en|un|de|du|le|la|se|te|tu|ja|er|an|ab|da|so|no|or|to)[abd-hjlnp-uw-z]{2}(?![a-z\d-])"
)
_CANADIAN = re.compile(r"(?<![a-z\d-])[abceghjklmnprstvxy]\d[a-z](?P<gap> ?-? ?)\d[a-z]\d(?![a-z\d-])")
_DUTCH_CODE = re.compile(
    r"(?<![\d.,-])[1-9]\d{3} ?(?!AM|PM|MG|ML|NG|UG|CM|MM|NM|UV|MS|IR|RT|IU|EU|US)[A-Z]{2},? +(?:[A-Z][a-z]{3,}|(?:nr|no|huisnr|nummer)\.? ?\d)"
)
_STATE_ZIP = re.compile(
    r"(?:(?<=[a-z], )|(?<=[a-z] )|(?<=^))(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC),? +\d{5}(?!\d)"
)
_AUSTRALIAN = re.compile(
    r"(?<![A-Za-z])(?:NSW|VIC|Vic|QLD|Qld|WA|SA|TAS|Tas|ACT|NT),? +\d{4}(?![\d.])(?! ?(?:mg|ng|ug|ml|cm|ppm|counts))"
)
_CONTINENTAL = re.compile(
    r"(?<![A-Za-z\d])(?:(?:D|CH|A|E|F|NL|L)-\d{4,5} +[A-Z][a-z]{2,}|(?:CH|NL)-\d{4}(?![\d-])|D-\d{5}(?![\d-]))"
)
_TOWN = re.compile(
    r"(?<![\d.,-])\d{4,5} (?:wien|graz|linz|salzburg|innsbruck|zurich|zuerich|bern|basel|geneve|genf|lausanne|winterthur|luzern|st\. ?gallen|lugano|biel|berlin|hamburg|munchen|muenchen|koln|koeln|frankfurt|stuttgart|"
    r"dusseldorf|leipzig|dortmund|essen|bremen|dresden|hannover|nurnberg|bochum|bonn|munster|mannheim|augsburg|kassel|freiburg|mainz|amsterdam|rotterdam|den haag|utrecht|eindhoven|groningen|tilburg|"
    r"madrid|barcelona|valencia|sevilla|zaragoza|malaga|bilbao|murcia|palma|granada|alicante|cordoba|vigo|gijon|cdmx|mexico|guadalajara|monterrey|puebla|tijuana|merida|leon|toluca|cancun|oaxaca|"
    r"sydney|melbourne|brisbane|perth|adelaide|hobart|darwin|canberra|auckland|wellington|christchurch|dunedin|hamilton|tauranga|paris|lyon|marseille|toulouse|lille|nantes|bordeaux|bruxelles|villach|klagenfurt|wels|potsdam|rostock|kiel|lubeck|erfurt|halle)(?![a-z])"
)
_PLACE = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{4,8} {0,2}(?:[ns] ?)?[, ] {0,2}-?\d{1,3}\.\d{4,8}(?: ?[ew])?")
_PLACE_CUE = re.compile(r"-|gps|coord|lat|lon|\d ?[nsew](?![a-z])|geo|maps|pin|loc|ubicacion|standort")
_THREE_WORDS = re.compile(r"///[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}|w3w[ :]{1,2}[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}")


# Enough by themselves: in small letters, and as written.
_IN_SMALL = (
        _GLUED, _LETTERED, _ADDRESS_IS, _LIVES_ON, _CORNER, _GERMAN, _DUTCH, _AM, _FRENCH, _FRENCH_BEHIND,
        _BOX, _MORE, _REVERSED, _TWO_STREETS, _BY_THE, _GRID, _RURAL, _HOUSE_NUMBER, _ONE_WORD, _LODGING, _ZIP_CUE, _ZIP4, _TOWN, _THREE_WORDS,
    )  # fmt: skip
_AS_WRITTEN = (
    _CROSS,
    _AT_NUMBER,
    _DISTRICT,
    _FLAT_OF,
    _ROOM_AT,
    _STREET_CROSSING,
    _HOUSE_OF,
    _THE_PLACE,
    _BEFORE_SIDE,
    _NEAR_CROSS,
    _PARK,
    _TITLED,
    _FLOOR_BEHIND,
    _OF_CALLE,
    _UNIT,
    _CROSS_BEHIND,
    _DIRECTED,
    _BRITISH,
    _DUTCH_CODE,
    _STATE_ZIP,
    _AUSTRALIAN,
    _CONTINENTAL,
)


def addresses(view: View) -> Iterator[Found]:
    """Addresses and post codes in the view."""
    for pattern in _IN_SMALL:
        yield from (_found(match) for match in pattern.finditer(view.text))
    for pattern in _AS_WRITTEN:
        yield from (_found(match) for match in pattern.finditer(view.cased))
    yield from _streets(view)
    yield from _where_somebody_lives(view)
    yield from _codes(view.text)


def _where_somebody_lives(view: View) -> Iterator[Found]:
    """Names of streets and houses, where the words around them say that somebody lives there."""
    text, cased = view.text, view.cased
    for match in _CROSSING.finditer(cased):
        if _LIVES.search(text[max(0, match.start() - 30) : match.start()]) or _HOUSE.match(
            text[match.end() : match.end() + 30]
        ):
            yield _found(match)
    for match in _NAMED_ROAD.finditer(cased):
        if _DWELLS.search(text[max(0, match.start() - 46) : match.start()]):
            yield _found(match)
    for pattern in (_NAMED_HOUSE, _NUMBER_BEHIND):
        for match in pattern.finditer(cased):
            if (
                _SURE_HOME.search(text[max(0, match.start() - 26) : match.start()])
                or _DWELLS.search(text[max(0, match.start() - 46) : match.start()])
                or _DWELLS.search(text[match.end() : match.end() + 40])
            ):
                yield _found(match)


def _codes(text: str) -> Iterator[Found]:
    """Post codes, flats and coordinates."""
    for match in _CANADIAN.finditer(text):
        # Run together, letters of a formula stand like that too: C6H5N2.
        if match["gap"] or not set(match[0]) <= set("chnospfib0123456789"):
            yield _found(match)
    yield from (_found(match) for match in _BRITISH_SMALL.finditer(text))
    for match in _APARTMENT.finditer(text):
        if _SURE_APARTMENT.match(match[0]) or _HOME.search(text[max(0, match.start() - 30) : match.start()]):
            yield _found(match)
    for match in _PLACE.finditer(text):
        if _PLACE_CUE.search(text[max(0, match.start() - 12) : match.end() + 3]):
            yield _found(match)


def _streets(view: View) -> Iterator[Found]:
    text, cased = view.text, view.cased
    for match in _ENGLISH.finditer(text):
        words = re.split(r" +", match["name"])
        is_weak = _is_weak(match["type"])
        if words[-1] in _NEVER_STREET or (
            is_weak and not cased[match.start("name")].isupper() and set(words[-2:]) & _NO_STREET
        ):
            continue
        if words[0] in {"mg", "ml", "of", "pills", "bags", "drops", "strips", "samples", "people"}:
            continue
        if is_weak and not _is_written_as_name(match, cased, text):
            continue
        yield _found(match)
    for match in _SPANISH.finditer(text):
        if not set(match["name"].split()) & _NO_CALLE:
            yield _found(match)


def _is_weak(type_: str) -> bool:
    return re.fullmatch(_WEAK, type_) is not None


def _is_written_as_name(match: re.Match[str], cased: str, text: str) -> bool:
    """For words that are not only streets: capitals, or somebody is said to live there."""
    name, kind = cased[match.start("name")], cased[match.start("type")]
    if (name.isupper() or name.isdigit()) and kind.isupper():
        return True
    if re.fullmatch(_LOWER, match["type"]) and len(match["name"]) >= 3:
        return True
    behind = text[match.end() : match.end() + 4].strip()
    if " " not in match["name"] and len(match["name"]) >= 4 and (not behind or behind[0] in ",.;(/#"):
        return True
    return bool(_HOME.search(text[max(0, match.start() - 30) : match.start()]))


def _found(match: re.Match[str]) -> Found:
    return Found("address", *match.span())
