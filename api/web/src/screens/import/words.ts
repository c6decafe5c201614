// By which headings columns are known: what shops and their programs write, in English, German, Estonian and Spanish.
import type { Field, Kind } from './fields';

/** Headings as they are found, without accents and signs. The first ones are the surest. */
export const WORDS: Record<Kind, Partial<Record<Field, string>>> = {
  jobs: {
    number:
      'job|job number|job no|order|order number|order no|work order|wo|number|auftrag|auftragsnummer|auftrags nr|auftragsnr|fertigungsauftrag|fa|too number|tellimus|tellimuse nr|tellimuse number|too nr|orden|numero de orden|no orden|trabajo|pedido',
    product:
      'product|item|article|part|part number|part name|material|artikel|produkt|teil|bezeichnung|toode|detail|artikli|producto|articulo|pieza',
    customer: 'customer|client|kunde|auftraggeber|klient|tellija|cliente',
    quantity: 'quantity|qty|pieces|amount|order quantity|menge|stuckzahl|stueckzahl|anzahl|kogus|arv|tk|cantidad|piezas',
    unit: 'unit|uom|unit of measure|einheit|me|mengeneinheit|uhik|unidad',
    due: 'due|due date|delivery|delivery date|deadline|required|required date|liefertermin|termin|fallig|faellig|lieferdatum|tahtaeg|tarneaeg|tarne|entrega|fecha de entrega|vencimiento|plazo',
    release:
      'release|release date|start|not before|earliest start|freigabe|starttermin|fruhester start|frueher start|algus|alguse kuupaev|mitte enne|inicio|fecha de inicio|no antes',
    priority: 'priority|prio|prioritat|prioritaet|prioriteet|prioridad',
    notes: 'notes|note|remark|remarks|comment|comments|bemerkung|notiz|hinweis|markus|markused|notas|nota|observaciones',
    operation:
      'operation number|operation no|op|op no|step|seq|sequence|position|pos|arbeitsgang nr|ag|ag nr|avo|operatsiooni nr|samm|no operacion|paso|secuencia',
    operationName: 'operation|operation name|activity|task|arbeitsgang|vorgang|tatigkeit|operatsioon|tegevus|operacion|actividad|tarea',
    workCenter:
      'work center|work centre|workcenter|wc|department|resource|machine group|machine|arbeitsplatz|kostenstelle|maschine|maschinengruppe|tookeskus|jaoskond|seade|masin|centro de trabajo|centro|maquina|seccion',
    setup:
      'setup|set up|setup time|setup min|rusten|rustzeit|ruestzeit|seadistus|seadistusaeg|haalestus|preparacion|tiempo de preparacion|ajuste',
    perUnit:
      'per unit|per piece|cycle|cycle time|time per unit|time per piece|unit time|run per unit|stuckzeit|stueckzeit|zeit je stuck|taktzeit|tukiaeg|tsukliaeg|aeg tuki kohta|tiempo unitario|tiempo por pieza|tiempo de ciclo',
    run: 'run|run time|runtime|total time|processing time|hours|duration|planned hours|bearbeitungszeit|laufzeit|dauer|tooaeg|kestus|tunnid|duracion|horas|tiempo total|tiempo de ejecucion',
    skill: 'skill|qualification|qualifikation|fahigkeit|oskus|habilidad|cualificacion',
    setupFamily: 'setup family|setup group|family|rustfamilie|rustgruppe|familie|seadistuspere|pere|familia|grupo de preparacion',
    instructions: 'instructions|instruction|work instruction|anweisung|arbeitsanweisung|juhis|juhend|instrucciones',
  },
  machines: {
    code: 'machine|code|machine code|machine no|machine number|number|no|id|maschine|maschinennummer|maschinen nr|nummer|nr|kood|masina kood|masin|seade|codigo|maquina|numero',
    name: 'name|machine name|description|model|bezeichnung|beschreibung|nimi|nimetus|kirjeldus|nombre|descripcion|modelo',
    workCenter:
      'work center|work centre|workcenter|group|department|machine group|arbeitsplatz|gruppe|maschinengruppe|kostenstelle|tookeskus|jaoskond|grupp|centro de trabajo|centro|grupo|seccion',
    capacity: 'capacity|places|kapazitat|kapazitaet|platze|mahutavus|voimsus|kohti|capacidad|puestos',
    speed: 'speed|speed percent|efficiency|geschwindigkeit|leistung|leistungsgrad|kiirus|velocidad|rendimiento',
    cost: 'cost|hourly cost|hourly rate|rate|cost per hour|kosten|stundensatz|kosten je stunde|hind|tunnihind|coste|costo|coste por hora|tarifa',
  },
  operators: {
    code: 'badge|code|staff number|personnel number|employee|employee no|number|no|id|personalnummer|personal nr|ausweis|nummer|nr|kood|tabelinumber|number nr|codigo|numero|ficha|tarjeta',
    name: 'name|full name|person|operator|employee name|mitarbeiter|nimi|tootaja|operaator|nombre|empleado|operario',
    skills: 'skills|skill|qualifications|qualifikationen|qualifikation|fahigkeiten|oskused|oskus|habilidades|cualificaciones',
  },
};
