"""The words of interpretation, in English and Spanish.

Plain words, no verdicts: nothing is ever called safe, clean or pure, in either language, and a strip
never names a compound as found. `{...}` are filled by `interpretation.py`.
"""

Texts = dict[str, dict[str, str]]

JOINTS: Texts = {"and": {"en": "and", "es": "y"}, "or": {"en": "or", "es": "o"}}

# By family of methods; instruments take none.
ARTICLES: Texts = {"strip": {"en": "the", "es": "la"}, "reagent": {"en": "the", "es": "el"}}

# Names as people know them, where the catalogue's is longer.
SHORT_NAMES = {"mdma": "MDMA"}

# One of a class, for what can tell a class only.
KIND_OF: Texts = {
    "fentanyl_type_opioid": {"en": "a fentanyl-type opioid", "es": "un opioide de tipo fentanilo"},
    "nitazene": {"en": "a nitazene", "es": "un nitaceno"},
    "benzodiazepine": {"en": "a benzodiazepine", "es": "una benzodiacepina"},
    "designer_benzodiazepine": {
        "en": "a non-prescription benzodiazepine",
        "es": "una benzodiacepina no registrada",
    },
    "opioid": {"en": "an opioid", "es": "un opioide"},
    "alpha2_agonist": {"en": "an alpha-2 sedative", "es": "un sedante alfa-2"},
    "synthetic_cannabinoid": {"en": "a synthetic cannabinoid", "es": "un cannabinoide sintético"},
}

WORDS: Texts = {
    "immunoassay": {"en": "a strip", "es": "una tira"},
    "infrared": {"en": "FTIR", "es": "FTIR"},
    "raman": {"en": "Raman", "es": "Raman"},
    "gas_chromatography_ms": {"en": "GC-MS", "es": "GC-MS"},
    "liquid_chromatography_ms": {"en": "LC-MS", "es": "LC-MS"},
    "liquid_chromatography_uv": {"en": "HPLC", "es": "HPLC"},
    "ambient_ms": {"en": "direct mass spectrometry", "es": "espectrometría de masas directa"},
    "nmr": {"en": "NMR", "es": "RMN"},
    # Why quality control speaks against a reading.
    "check_blank": {"en": "blank", "es": "blanco"},
    "check_positive_control": {"en": "positive control", "es": "control positivo"},
    "check_background": {"en": "background", "es": "fondo"},
    "quality_failed_before": {"en": "the last {kind} before it failed", "es": "el último {kind} anterior falló"},
    "quality_failed_after": {"en": "the next {kind} failed", "es": "el siguiente {kind} falló"},
    "quality_overdue": {"en": "no passed {kind} in {days} days", "es": "ningún {kind} superado en {days} días"},
    "quality_overdue_one": {"en": "no passed {kind} in one day", "es": "ningún {kind} superado en un día"},
    "quality_second_reader": {
        "en": "a second reader did not agree",
        "es": "una segunda persona leyó otra cosa",
    },
    "small": {"en": "a small part", "es": "una parte pequeña"},
    "tenth": {"en": "about a tenth", "es": "alrededor de una décima parte"},
    "quarter": {"en": "about a quarter", "es": "alrededor de una cuarta parte"},
    "half": {"en": "about half", "es": "alrededor de la mitad"},
    "three_quarters": {"en": "about three quarters", "es": "alrededor de tres cuartas partes"},
    "all": {"en": "nearly all that was read", "es": "casi todo lo que se leyó"},
    "some": {"en": "an unknown part", "es": "una parte desconocida"},
    "primary": {"en": "a main component", "es": "un componente principal"},
    "major": {"en": "a major component", "es": "un componente mayor"},
    "minor": {"en": "a minor component", "es": "un componente menor"},
    "percent_w_w": {"en": "% by mass", "es": "% en masa"},
    "mg_per_unit": {"en": "mg in one unit", "es": "mg por unidad"},
    "ug_per_unit": {"en": "µg in one unit", "es": "µg por unidad"},
    "mg_per_g": {"en": "mg per gram", "es": "mg por gramo"},
    "to": {"en": "to", "es": "a"},
    "basis_base": {"en": "counted as base", "es": "contado como base"},
    "basis_salt": {"en": "counted as the salt ({salt})", "es": "contado como la sal ({salt})"},
    "basis_unknown": {
        "en": "not known whether the salt is counted in",
        "es": "no se sabe si incluye la sal",
    },
    "part_of_unit": {"en": "only part of the unit was tested", "es": "se analizó solo una parte de la unidad"},
    "hydrochloride": {"en": "hydrochloride", "es": "clorhidrato"},
}

STATEMENTS: Texts = {
    # The reading itself
    "reading_invalid": {
        "en": "This reading is invalid and says nothing either way. Please let us test again.",
        "es": "Esta lectura no es válida y no dice nada en ningún sentido. Permítanos analizar de nuevo.",
    },
    "strip_no_control_line": {
        "en": "The control line did not show, so the strip did not work. It says nothing either way. "
        "Please let us test again with a new strip.",
        "es": "No apareció la línea de control: la tira no funcionó. No dice nada en ningún sentido. "
        "Permítanos analizar de nuevo con otra tira.",
    },
    "reading_inconclusive": {
        "en": "{method} gave no clear answer. That is not a negative. Another method may tell more.",
        "es": "{method} no dio una respuesta clara. Eso no es un negativo. Otro método puede decir más.",
    },
    "reagent_consistent": {
        "en": "The colour is consistent with {names}. Many other substances give the same colour.",
        "es": "El color es compatible con {names}. Muchas otras sustancias dan el mismo color.",
    },
    "reagent_not_consistent": {
        "en": "The colour is not consistent with {names}. Something else is likely, alone or beside it.",
        "es": "El color no es compatible con {names}. Es probable que haya otra cosa, sola o además.",
    },
    "reagent_shows_little": {
        "en": "A reagent does not show what else is in a mix, how much, or small amounts of strong drugs "
        "such as fentanyl or nitazenes.",
        "es": "Un reactivo no muestra qué más hay en una mezcla, ni cuánto, ni pequeñas cantidades de drogas "
        "fuertes como el fentanilo o los nitacenos.",
    },
    "what_was_expected": {"en": "what was expected", "es": "lo esperado"},
    # Found
    "strip_reacted": {
        "en": "The {method} reacted. It points to {target}. A strip does not tell which one it is, or how much.",
        "es": "La {method} reaccionó. Apunta a {target}. Una tira no dice cuál es exactamente ni cuánto hay.",
    },
    "found": {"en": "{method} found {name}.", "es": "{method} encontró {name}."},
    "found_amount": {"en": "{method} found {name}: {amount}.", "es": "{method} encontró {name}: {amount}."},
    "found_trace": {
        "en": "{method} found a trace of {name}. A trace is little beside the rest; it is not a weight.",
        "es": "{method} encontró una traza de {name}. Una traza es poco junto al resto; no es un peso.",
    },
    "found_band": {
        "en": "{method} saw {name}: {band}. This is a rough estimate, not a measured amount.",
        "es": "{method} vio {name}: {band}. Es una estimación aproximada, no una cantidad medida.",
    },
    "found_class_only": {
        "en": "{method} found {name}. It did not tell which one.",
        "es": "{method} encontró {name}. No distinguió cuál.",
    },
    "found_isomer": {
        "en": "{method} found a substance of the group {group}. It could not tell isomers apart. It may be: {members}.",
        "es": "{method} encontró una sustancia del grupo {group}. No pudo distinguir isómeros. Puede ser: {members}.",
    },
    "found_tentative": {
        "en": "{method} saw signs of {name}. This is tentative: it may be something else.",
        "es": "{method} vio indicios de {name}. Es tentativo: puede ser otra cosa.",
    },
    # How sure
    "how_sure_strip": {
        "en": "How sure: presumptive. By itself a strip is a first sign. Other strips cannot back it up; "
        "another kind of method can. {count}",
        "es": "Qué tan firme es: presuntivo. Por sí sola, una tira es una primera señal. Otras tiras no la "
        "respaldan; otro tipo de método sí puede. {count}",
    },
    "how_sure_reported": {
        "en": "How sure of {names}: reported only. This reading counts for nothing by itself, in no figure and no "
        "alert.",
        "es": "Qué tan firme es lo de {names}: solo comunicado. Esta lectura no cuenta por sí sola, en ninguna cifra "
        "ni alerta.",
    },
    "how_sure_confirmed_elsewhere": {
        "en": "How sure of {names}: confirmed by {methods} in this sample. {count}",
        "es": "Qué tan firme es lo de {names}: confirmado por {methods} en esta muestra. {count}",
    },
    "how_sure_presumptive": {
        "en": "How sure of {names}: presumptive. {count}",
        "es": "Qué tan firme es lo de {names}: presuntivo. {count}",
    },
    "one_sample": {"en": "Counted: one sample, one site,", "es": "Se cuenta: una muestra, un sitio,"},
    "one_technique": {"en": "one technique", "es": "una técnica"},
    "several_techniques": {"en": "{n} independent techniques", "es": "{n} técnicas independientes"},
    "how_sure_confirmed": {
        "en": "How sure of {names}: confirmed. {method} names one compound exactly. {count}",
        "es": "Qué tan firme es lo de {names}: confirmado. {method} identifica un compuesto con exactitud. {count}",
    },
    "others_agree": {
        "en": "Pointing the same way: {methods}.",
        "es": "Apuntan en el mismo sentido: {methods}.",
    },
    "strip_false_positives": {
        "en": "In one study of real samples this kind of strip also reacted in {percent} % of those without it.",
        "es": "En un estudio con muestras reales, este tipo de tira también reaccionó en el {percent} % de las que "
        "no lo tenían.",
    },
    "may_be_confused": {
        "en": "Possible false positive: {names} can make this strip react without {target}. "
        "Please let us test again in more water, or with another method.",
        "es": "Posible falso positivo: {names} puede hacer reaccionar esta tira sin que haya {target}. "
        "Permítanos analizar de nuevo con más agua o con otro método.",
    },
    "may_be_isomer": {
        "en": "{method} tells by mass, and these weigh the same. It may be: {members}.",
        "es": "{method} distingue por la masa, y estas pesan lo mismo. Puede ser: {members}.",
    },
    "may_look_alike": {
        "en": "{method} can take close relatives for each other. Of {names}, it may be another than the one named.",
        "es": "{method} puede confundir parientes cercanos entre sí. Entre {names}, puede ser otra que la nombrada.",
    },
    "form_reads_badly": {
        "en": "{method} reads this form badly: what it named, and what it did not, is less sure here.",
        "es": "{method} lee mal esta presentación: lo que nombró, y lo que no, es aquí menos firme.",
    },
    "rank_is_no_weight": {
        "en": "Main, major, minor or trace is how strong the signal was beside the rest. It is not an amount.",
        "es": "Principal, mayor, menor o traza es la fuerza de la señal junto al resto. No es una cantidad.",
    },
    # Not found
    "strip_not_detected": {
        "en": "Not detected by this {method}: {target}. That is not the same as not there.",
        "es": "No detectado por esta {method}: {target}. Eso no significa que no esté.",
    },
    "strip_faint_line": {
        "en": "The test line was faint. A faint line is still a line, so this reads as not detected. "
        "It can also mean a little is there: testing again helps.",
        "es": "La línea de prueba fue tenue. Una línea tenue también es una línea, así que se lee como no detectado. "
        "También puede significar que hay un poco: analizar de nuevo ayuda.",
    },
    "could_miss_under": {
        "en": "At best, as mixed here, this strip sees {target} from {percent} % of the portion by mass. "
        "It could have missed less than that.",
        "es": "En el mejor de los casos, con esta mezcla, la tira ve {target} a partir del {percent} % de la "
        "porción en masa. Pudo no ver cantidades menores.",
    },
    "mix_too_thin": {
        "en": "As mixed here there was so much water that this strip could have missed any amount of {target}.",
        "es": "Con tanta agua, esta tira pudo no ver {target} en ninguna cantidad.",
    },
    "could_miss_unweighed": {
        "en": "How little this strip could have missed is not known, because the portion was not weighed "
        "or the water not measured.",
        "es": "No se sabe qué cantidad pudo pasar sin verse, porque la porción no se pesó o el agua no se midió.",
    },
    "could_miss_unknown": {
        "en": "No sound figure is known for how little of {target} this strip can see in street drugs.",
        "es": "No se conoce una cifra fiable de qué cantidad mínima de {target} ve esta tira en drogas de la calle.",
    },
    "field_sensitivity": {
        "en": "In one study of real samples, {method} saw {percent} % of those that held {target}.",
        "es": "En un estudio con muestras reales, {method} vio el {percent} % de las que contenían {target}.",
    },
    "covers_partly": {
        "en": "This strip sees only some of its group. Others go unseen at any amount.",
        "es": "Esta tira ve solo una parte de su grupo. Otros no se ven en ninguna cantidad.",
    },
    "method_misses": {
        "en": "{method} can miss, or take for something else: {names}.",
        "es": "{method} puede no ver, o tomar por otra cosa: {names}.",
    },
    "what_it_looks_for": {"en": "what it looks for", "es": "lo que busca"},
    "anything_else": {"en": "anything else it looks for", "es": "lo demás que busca"},
    "limit_by_mass": {
        "en": "At best, {method} sees {names} from about {percent} % of the sample by mass. It could have missed less "
        "than that.",
        "es": "En el mejor de los casos, {method} ve {names} a partir de alrededor del {percent} % de la muestra en "
        "masa. Pudo no ver cantidades menores.",
    },
    "limit_depends": {
        "en": "No figure is known for how little of {names} {method} could have missed: it depends on the lab and the "
        "mix.",
        "es": "No se conoce una cifra de cuánto pudo no ver {method} de {names}: depende del laboratorio y de la "
        "mezcla.",
    },
    "network_truth_did_not": {
        "en": "In this network, of {n} such strips that did not react and that a lab followed up, {right} were "
        "right. Which ones a lab follows up is no random pick.",
        "es": "En esta red, de {n} tiras como esta que no reaccionaron y que un laboratorio comprobó, {right} "
        "acertaron. Las que se comprueban no se eligen al azar.",
    },
    "network_truth_reacted": {
        "en": "In this network, of {n} such strips that reacted and that a lab followed up, {right} were right. "
        "Which ones a lab follows up is no random pick.",
        "es": "En esta red, de {n} tiras como esta que reaccionaron y que un laboratorio comprobó, {right} "
        "acertaron. Las que se comprueban no se eligen al azar.",
    },
    "nothing_detected": {
        "en": "{method} detected nothing it reports. That means below what it can read, not absent.",
        "es": "{method} no detectó nada de lo que informa. Eso significa por debajo de lo que puede leer, no ausente.",
    },
    "looked_for_not_detected": {
        "en": "Looked for and not detected by {method}: {names}.",
        "es": "Buscado y no detectado por {method}: {names}.",
    },
    "down_to": {"en": "down to {limit}", "es": "hasta {limit}"},
    "ftir_does_not_clear": {
        "en": "{method} cannot rule out fentanyl, carfentanil, nitazenes, benzodiazepines, or sedatives such as "
        "xylazine and medetomidine. They matter in amounts far below what it sees.",
        "es": "{method} no puede descartar fentanilo, carfentanilo, nitacenos, benzodiacepinas ni sedantes como "
        "xilacina y medetomidina. Importan en cantidades muy por debajo de lo que ve.",
    },
    "ftir_and_strip_miss_benzodiazepines": {
        "en": "FTIR and a benzodiazepine strip together still did not see 25 of 100 samples that held one.",
        "es": "FTIR y una tira de benzodiacepinas juntas aún no vieron 25 de cada 100 muestras que contenían una.",
    },
    "ftir_beside_strips": {
        "en": "FTIR saw no fentanyl in {per_hundred} of 100 samples where a strip reacted; some of those strips may "
        "have been wrong.",
        "es": "FTIR no vio fentanilo en {per_hundred} de cada 100 muestras en las que una tira reaccionó; algunas de "
        "esas tiras pudieron equivocarse.",
    },
    # Beside other results
    "methods_differ": {
        "en": "The methods differ: {positive} points to {names}, {negative} did not see it. Both stand; it is "
        "unresolved until a lab can tell.",
        "es": "Los métodos difieren: {positive} apunta a {names}, {negative} no lo vio. Ambos se muestran; queda "
        "sin resolver hasta que un laboratorio pueda decirlo.",
    },
    "readings_differ": {
        "en": "{positive} was read more than once and the readings differ on {names}. Both stand; it is unresolved.",
        "es": "{positive} se leyó más de una vez y las lecturas difieren sobre {names}. Ambas se muestran; queda "
        "sin resolver.",
    },
    "lab_found_it": {
        "en": "{positive} found {names}, which {negative} did not show. The lab's answer goes first; "
        "the other reading stays on record.",
        "es": "{positive} encontró {names}, que {negative} no mostró. La respuesta del laboratorio va primero; "
        "la otra lectura queda registrada.",
    },
    "lab_did_not_find_it": {
        "en": "{positive} pointed to {names}; {negative} did not detect it. The lab's answer goes first; the other "
        "reading stays on record. Amounts below what the lab can read stay possible.",
        "es": "{positive} apuntó a {names}; {negative} no lo detectó. La respuesta del laboratorio va primero; la otra "
        "lectura queda registrada. Siguen siendo posibles cantidades por debajo de lo que lee el laboratorio.",
    },
    "lab_settled_found": {
        "en": "{positive} pointed to {names}, {negative} did not see it. A lab has answered: {labs} found it. "
        "The lab's answer goes first; both readings stay on record.",
        "es": "{positive} apuntó a {names}, {negative} no lo vio. Un laboratorio ha respondido: {labs} lo encontró. "
        "La respuesta del laboratorio va primero; ambas lecturas quedan registradas.",
    },
    "lab_settled_not_found": {
        "en": "{positive} pointed to {names}, {negative} did not see it. {labs} looked for it and did not detect it. "
        "The lab's answer goes first; both readings stay on record. Amounts below what the lab can read stay possible.",
        "es": "{positive} apuntó a {names}, {negative} no lo vio. {labs} lo buscó y no lo detectó. La respuesta del "
        "laboratorio va primero; ambas lecturas quedan registradas. Siguen siendo posibles cantidades por debajo de "
        "lo que lee el laboratorio.",
    },
    "labs_differ": {
        "en": "Two lab methods differ: {positive} found {names}, {negative} looked for it and did not detect it. Both "
        "stand; it is unresolved. Please let us test again.",
        "es": "Dos métodos de laboratorio difieren: {positive} encontró {names}, {negative} lo buscó y no lo detectó. "
        "Ambos se muestran; queda sin resolver. Permítanos analizar de nuevo.",
    },
    # Caveats
    "lot_not_sound": {
        "en": "This strip's lot was past its date or under suspicion, so the reading counts for nothing by itself. "
        "Please let us test again with another lot or another method.",
        "es": "El lote de esta tira estaba vencido o bajo sospecha, así que la lectura no cuenta por sí sola. "
        "Permítanos analizar de nuevo con otro lote u otro método.",
    },
    "outside_quality_control": {
        "en": "When this was read, the method was not shown to read right ({reasons}). So the reading counts for "
        "nothing by itself. Please let us test again.",
        "es": "Cuando se leyó esto, no constaba que el método leyera bien ({reasons}). Por eso la lectura no cuenta "
        "por sí sola. Permítanos analizar de nuevo.",
    },
    "residue_earlier_use": {
        "en": "This was read from residue. It may include earlier use.",
        "es": "Esto se leyó de un residuo. Puede incluir usos anteriores.",
    },
    "sample_contaminated": {
        "en": "This sample is known to have touched something else on the way. What was read may come from there.",
        "es": "Se sabe que esta muestra tuvo contacto con otra cosa. Lo leído puede venir de ahí.",
    },
    "small_portion": {
        "en": "A small portion was tested, and mixing is uneven. The rest may differ.",
        "es": "Se analizó una porción pequeña y la mezcla no es pareja. El resto puede ser distinto.",
    },
}
