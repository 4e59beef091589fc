"""The words of advice to the person who brought the sample, in English and Spanish."""

from .interpretation_texts import Texts

ADVICE: Texts = {
    "retest_fentanyl_strip": {
        "en": "The strip reacted. In a strong mix, {names} itself often does this. Please let us test again in more"
        " water. Until then, act as if fentanyl may be there: start small, not alone, naloxone near. To test "
        "again: {mg} mg in {ml} mL of water, which still sees {percent} % by mass.",
        "es": "La tira reaccionó. En una mezcla fuerte, la propia sustancia ({names}) suele provocarlo. Permítanos "
        "analizar de nuevo con más agua. Hasta entonces, actúe como si pudiera haber fentanilo: empiece con "
        "poco, no a solas, con naloxona cerca. Para analizar de nuevo: {mg} mg en {ml} mL de agua, que aún ve"
        " {percent} % en masa.",
    },
    "retest_did_not_react": {
        "en": "In more water the strip did not react. The first reaction may have come from {names} itself. Small "
        "amounts can still be missed; a lab can tell.",
        "es": "Con más agua la tira no reaccionó. La primera reacción pudo venir de {names}. Aún pueden no verse "
        "cantidades pequeñas; un laboratorio puede decirlo.",
    },
    "retest_reacted": {
        "en": "The strip reacted in more water too. Act as if {target} is there: start small, not alone, naloxone "
        "near. Another kind of method can tell more.",
        "es": "La tira también reaccionó con más agua. Actúe como si hubiera {target}: empiece con poco, no a "
        "solas, con naloxona cerca. Otro tipo de método puede decir más.",
    },
    "lone_strip": {
        "en": "One strip alone can be wrong. Another kind of method can check it. Until then, act as if {target} "
        "may be there: start small, not alone, naloxone near.",
        "es": "Una sola tira puede equivocarse. Otro tipo de método puede comprobarlo. Hasta entonces, actúe como "
        "si pudiera haber {target}: empiece con poco, no a solas, con naloxona cerca.",
    },
    "strip_known_confuser": {
        "en": "With {names} in the sample, this strip ({method}) often reacts by mistake. Another kind of method "
        "can check it.",
        "es": "Con {names} en la muestra, esta tira ({method}) a menudo reacciona por error. Otro tipo de método "
        "puede comprobarlo.",
    },
    "strip_often_mistaken": {
        "en": "This strip ({method}) also reacts in {percent} of 100 samples without {target}. Another kind of "
        "method can check it.",
        "es": "Esta tira ({method}) también reacciona en {percent} de cada 100 muestras sin {target}. Otro tipo de "
        "método puede comprobarlo.",
    },
    "mis_sold": {
        "en": "Expected: {expected}. A lab method found {names}. It can stop breathing or the heart at small "
        "amounts. If any is used: start small, not alone, naloxone near.",
        "es": "Se esperaba: {expected}. Un método de laboratorio encontró {names}. Puede detener la respiración o "
        "el corazón en cantidades pequeñas. Si se usa: empiece con poco, no a solas, con naloxona cerca.",
    },
    "mis_sold_presumptive": {
        "en": "Expected: {expected}. A first reading points to {names}; it is not confirmed. Act as if it "
        "is there: start small, not alone, naloxone near.",
        "es": "Se esperaba: {expected}. Una primera lectura apunta a {names}; no está confirmado."
        " Actúe como si estuviera: empiece con poco, no a solas, con naloxona cerca.",
    },
    "mis_sold_trace": {
        "en": "Expected: {expected}. A lab method found a trace of {names}. A trace can be uneven through the rest:"
        " start small, not alone, naloxone near.",
        "es": "Se esperaba: {expected}. Un método de laboratorio encontró una traza de {names}. Una traza puede "
        "estar repartida de forma desigual: empiece con poco, no a solas, con naloxona cerca.",
    },
    "high_amount": {
        "en": "{name}: {amount}, above {above}. That is more than many people take at once. Starting with a part of"
        " it helps; so do water, rest and company.",
        "es": "{name}: {amount}, por encima de {above}. Es más de lo que muchas personas toman de una vez. Empezar "
        "con una parte ayuda; también el agua, el descanso y la compañía.",
    },
    "sedative_with_opioid": {
        "en": "An opioid and a sedative may be together here. If someone will not wake: call for help and give "
        "naloxone. The aim is breathing, not waking: at least one breath every 6 seconds. If breathing, no "
        "more naloxone: recovery position, stay, call.",
        "es": "Aquí puede haber un opioide y un sedante juntos. Si alguien no despierta: pida ayuda y dé naloxona. "
        "Lo que importa es que respire, no que despierte: al menos una respiración cada 6 segundos. Si "
        "respira, no dé más naloxona: posición lateral, quédese, llame.",
    },
    "medetomidine_withdrawal": {
        "en": "Medetomidine may be there. Stopping suddenly after regular use can make a person very ill. A fast "
        "heart, shaking or vomiting needs hospital.",
        "es": "Puede haber medetomidina. Dejarla de golpe tras un uso regular puede enfermar gravemente. Corazón "
        "acelerado, temblores o vómitos necesitan hospital.",
    },
}
