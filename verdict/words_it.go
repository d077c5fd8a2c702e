package verdict

// wordsIT is the verdict in plain Italian, by these choices:
//
//	receipt          ricevuta         by a machine
//	acknowledgement  presa visione    signed; no acceptance
//	acceptance       accettazione
//	concurrence      assenso
//	appeal           istanza          "appello" is a remedy against a judgment
//	answer           risposta         the act of that name
//	reply            atto che fa seguito, of whatever sort
//	to hold          detenere         said of a node
//	to state         dichiarare       said of what only the author vouches for
//	to vouch         farsi garante    said of a person
//	record, entry    documento, voce
//	outbox           registro d’uscita
//	signed head      stato firmato
//	two histories    due versioni inconciliabili
//	case             pratica
//	witness          testimone
//	to date          datare           said of witnesses; a party has an orologio
//	pending          in sospeso
//	sent             inviato
//	lodged           depositato       with an intermediario (relay)
//	received         ricevuto
//	beat             battito
//	change of keys   cambio di chiavi
//	to accept        dare esecuzione  "seguito" is any reply
//	to agree         aderire          to conditions, to an arrangement
//	arrangement      intesa
//	to redirect      rinviare         to another authority
//	to postpone      differire
//
// Parties have no gender and no article, so sentences are built around them.
//
//nolint:misspell // Italian is no misspelt English
var wordsIT = map[string]lexicon{"it": {
	title:        "RELAZIONE DI VERIFICA SU UN FASCICOLO",
	preface:      "Che cosa prova il file, su quali chiavi poggia ciascuna affermazione e che cosa non è provato. Date e ore sono sempre in UTC, nell’ordine anno-mese-giorno; ciascuna è quella dell’orologio della parte nominata con essa, e nessun altro ha datato alcunché. Ciò che le parti hanno scritto sta dietro le barre ( | ), così come è stato firmato. Le parole inglesi del protocollo restano invariate; la traduzione tra parentesi è di questo programma e nessuno l’ha firmata.",
	prefaceDated: "Che cosa prova il file, su quali chiavi poggia ciascuna affermazione e che cosa non è provato. Date e ore sono sempre in UTC, nell’ordine anno-mese-giorno; ciascuna è quella dell’orologio della parte nominata con essa, salvo dove si dice che la data viene da testimoni. Ciò che le parti hanno scritto sta dietro le barre ( | ), così come è stato firmato. Le parole inglesi del protocollo restano invariate; la traduzione tra parentesi è di questo programma e nessuno l’ha firmata.",

	parties:        "PARTI",
	records:        "DOCUMENTI",
	cases:          "PRATICHE",
	forks:          "VERSIONI INCONCILIABILI",
	rest:           "CHIAVI SU CUI POGGIA QUESTA RELAZIONE",
	notProvedTitle: "NON È PROVATO",
	noRecords:      "Il file non mostra alcun documento.",

	callsItself:  "Si denomina:",
	kind:         "Si qualifica come: {kind}{jurisdiction}",
	keys:         "Impronta delle sue chiavi: {words}",
	vouched:      "Chi esegue la verifica si fa garante di queste chiavi.",
	notVouched:   "Nessuno si fa garante di queste chiavi: sono arrivate soltanto con il file. Occorre confrontare le dodici parole con {party} attraverso un canale di cui ci si fida. Fino ad allora, qui di seguito, in luogo di «{party}» si legga «chiunque detenga queste chiavi».",
	validUntil:   "Secondo il suo stesso profilo, dopo il {time} le sue chiavi non firmano più nulla di nuovo.",
	shares:       "Attenzione: {party} e {other} indicano la stessa chiave di firma. O chi la detiene può parlare a nome di entrambe le parti, o una delle due l’ha copiata dall’altra.",
	receiptsMean: "Che cosa significano le sue ricevute, con le sue parole:",

	wrote: map[string]string{
		"appeal":      "{author} ha scritto quanto segue: un’istanza (appeal), destinatario {audience}.",
		"acknowledge": "{author} ha scritto quanto segue: una presa visione (acknowledge), destinatario {audience}. Prendere visione non significa accettare, né dare il proprio assenso, né agire.",
		"answer":      "{author} ha scritto quanto segue: una risposta (answer), destinatario {audience}.",
		"refuse":      "{author} ha scritto quanto segue: un rifiuto (refuse), destinatario {audience}.",
		"withdraw":    "{author} ha scritto quanto segue: il ritiro di un’istanza (withdraw), destinatario {audience}.",
		"ping":        "{author} ha scritto quanto segue: una prova del canale (ping), destinatario {audience}.",
		"profile":     "{author} ha scritto quanto segue: un profilo (profile), destinatario {audience}.",

		"redirect":   "{author} ha scritto quanto segue: un rinvio ad altra autorità (redirect), indicata come competente, destinatario {audience}. Non è né un’accettazione né un rifiuto.",
		"incomplete": "{author} ha scritto quanto segue: l’avviso che un’istanza è incompleta (incomplete), destinatario {audience}. Non è un rifiuto.",
		"supplement": "{author} ha scritto quanto segue: un’integrazione di una propria istanza (supplement), destinatario {audience}. Quanto diceva l’istanza resta fermo.",
		"accept":     "{author} ha scritto quanto segue: un’accettazione (accept), destinatario {audience}: la dichiarazione che darà esecuzione a un’istanza, nella misura che indica. Non è un assenso a quanto l’istanza afferma, né un’esecuzione.",
		"agree":      "{author} ha scritto quanto segue: l’adesione a condizioni o a un’intesa (agree), destinatario {audience}. Non aderisce a null’altro.",
		"decline":    "{author} ha scritto quanto segue: la mancata adesione a condizioni o a un’intesa (decline), destinatario {audience}. Con essa non è ritirata alcuna istanza.",
		"postpone":   "{author} ha scritto quanto segue: un differimento (postpone), destinatario {audience}: non darà esecuzione a un’istanza prima del momento che indica. Non è un rifiuto.",
		"progress":   "{author} ha scritto quanto segue: un aggiornamento sullo stato di esecuzione (progress), destinatario {audience}. Non è una risposta.",
		"close":      "{author} ha scritto quanto segue: la chiusura di una propria istanza (close), destinatario {audience}. Il grado di soddisfazione è una sua sola dichiarazione.",
		"dispute":    "{author} ha scritto quanto segue: una contestazione (dispute) del seguito dato da {audience} a una propria istanza. Chi abbia ragione, qui non si valuta.",
		"correct":    "{author} ha scritto quanto segue: una rettifica di una propria istanza (correct), destinatario {audience}. Restano fermi entrambi i testi: la rettifica non cancella quanto detto prima.",
		"supersede":  "{author} ha scritto quanto segue: l’avviso che un’altra istanza prende il posto di una propria istanza (supersede), destinatario {audience}.",
		"escalate":   "{author} ha scritto quanto segue: l’avviso che porta una propria istanza a un livello superiore (escalate), destinatario {audience}. Non ne segue che là qualcuno se ne sia fatto carico.",

		"directory":   "{author} ha scritto quanto segue: la scheda delle proprie autorità (directory), delle loro competenze e dei loro recapiti, secondo la sua sola dichiarazione; destinatario {audience}.",
		"arrangement": "{author} ha scritto quanto segue: una proposta d’intesa sulle regole del collegamento (arrangement), destinatario {audience}. Una sola firma non vincola nessuno.",

		"suspend":      "{author} ha scritto quanto segue: l’avviso che sospende il collegamento (suspend), destinatario {audience}. Quanto era aperto allora non va perduto.",
		"resume":       "{author} ha scritto quanto segue: l’avviso che riprende il collegamento (resume), destinatario {audience}.",
		"continue":     "{author} ha scritto quanto segue: l’avviso che questo registro prosegue dove ne terminava uno precedente (continue), destinatario {audience}.",
		"tally":        "{author} ha scritto quanto segue: il proprio conteggio mensile dei documenti scambiati (tally), destinatario {audience}.",
		"tally-answer": "{author} ha scritto quanto segue: che cosa risulta dai propri registri su un conteggio dell’altra parte (tally-answer), destinatario {audience}.",
		"heads":        "{author} ha scritto quanto segue: a che punto erano i suoi registri e le sue copie di quelli altrui (heads), ciascuno sotto un hash che non rivela nulla finché non viene aperto; destinatario {audience}.",
		"designate":    "{author} ha scritto quanto segue: quale intermediario può ricevere la sua posta (designate), destinatario {audience}.",
		"key-change":   "{author} ha scritto quanto segue: un cambio delle proprie chiavi (key-change), destinatario {audience}.",
	},
	wroteKind:        "{author} ha scritto quanto segue: un’istanza (appeal) di tipo {kind}, destinatario {audience}.",
	wroteUndisclosed: "{author} ha scritto quanto segue: un documento, destinatario {audience}. Di che genere di documento si tratti, il file non lo mostra.",
	wroteUnknown:     "{author} ha scritto quanto segue: un documento, destinatario {audience}, di un genere che questo programma non conosce (act: {act}). Può provenire da una versione successiva.",
	public:           "il pubblico",

	entry:         "È la voce {index} (contando da 0) del registro d’uscita {outbox}; l’hash della sua foglia è {leaf}.",
	checkpoint:    "{author} ha firmato quel registro alla lunghezza di {size}, compresa questa voce, il {time} secondo l’orologio di {author}. Non può modificare, togliere o inserire alcuna di quelle voci senza firmare due versioni inconciliabili.",
	authorExpired: "Quel momento è successivo alla data fino alla quale, secondo il suo stesso profilo, le sue chiavi sono valide.",
	releasedAt:    "{author} dichiara che l’emissione è avvenuta il {time}.",

	holds:           "Il nodo di {by} detiene questi byte al più tardi dal {time}, secondo l’orologio di {by}.",
	holdsIs:         "Una ricevuta è data da una macchina: non è una presa visione e non dice che una persona abbia letto alcunché.",
	receiverExpired: "Quel momento è successivo alla data fino alla quale, secondo il profilo di {by}, le chiavi di {by} sono valide.",
	notReceived: map[NoReceipt]string{
		NoReceiptLines: "Il file non contiene una ricevuta di {audience} per questo documento. Non mostra che il nodo di {audience} detenga questi byte, né che non li detenga.",
		NoReceiptKeys:  "In calce allo stato firmato del registro vi sono righe che potrebbero essere una ricevuta di {audience}, ma il file non contiene un profilo di {audience} con le chiavi per controllarle. Non provano nulla.",
		NoAudience:     "Si trova in un registro d’uscita pubblico: non è indirizzato a nessuno in particolare, e perciò non vi è ricevuta.",
	},

	repliesHere:      "Vi si legge che fa seguito alla voce {index} di {outbox}, e proprio quel documento è nel file.",
	repliesElsewhere: "Vi si legge che fa seguito alla voce {index} di {outbox} (hash della foglia {leaf}); quel documento non è nel file, e perciò non se ne conclude nulla.",
	repliesHidden:    "A quale documento faccia seguito non è mostrato.",
	inForked:         "Attenzione: {author} ha firmato due versioni inconciliabili di questo registro d’uscita (si veda {forks}). Questo documento figura in una di esse; nell’altra, al suo posto, può esservi altro.",

	tlp: map[string]string{
		"clear":        "può essere mostrato a chiunque",
		"green":        "per la comunità dei destinatari",
		"amber":        "per chi, nelle organizzazioni dei destinatari e presso i loro clienti, ha necessità di conoscerlo",
		"amber+strict": "per chi, nelle organizzazioni dei destinatari, ha necessità di conoscerlo",
		"red":          "soltanto per i singoli destinatari",
	},
	marked:    "L’autore lo ha contrassegnato TLP:{tlp} ({meaning}).",
	notMarked: "Come l’autore lo abbia contrassegnato (TLP) non è mostrato.",

	class: map[string]string{
		"test":        "L’autore lo ha contrassegnato come una prova (class: test), e non come un atto di merito.",
		"service":     "L’autore lo ha contrassegnato come messaggio di servizio (class: service), che riguarda il canale e non una questione di merito.",
		"substantive": "L’autore lo ha contrassegnato come atto di merito (class: substantive).",
	},
	classHidden:    "Attenzione: se sia un atto di merito, una prova o un messaggio di servizio non si può sapere da quanto è mostrato (class).",
	kindHidden:     "Di che tipo sia l’istanza non è mostrato.",
	finalityHidden: "Se la risposta sia interlocutoria o definitiva non è mostrato.",

	nothingShown:     "Del suo contenuto non è mostrato nulla.",
	allShown:         "Il suo intero contenuto:",
	partShown:        "Quanto è mostrato del suo contenuto (se vi sia altro, e che cosa, dal file non si può sapere):",
	unknownShown:     "Quanto è mostrato del suo contenuto (che cosa significhi, qui non si valuta):",
	undisclosedShown: "Quanto è mostrato del suo contenuto (che cosa significhi, qui non si valuta, perché non è mostrato di quale atto si tratti o, se è un’istanza, di che tipo):",
	listShown:        "{name}, elementi mostrati: {shown} su {total}",
	listMore:         "… e altri {more} in questo file",
	cut:              "… ({total} caratteri in tutto; si trovano nella forma JSON di questa relazione)",
	hidden:           "Elementi di elenchi che non sono mostrati: {hidden}.",

	restsVouched: "Poggia sulle chiavi di {party} ({words}), di cui si fa garante chi esegue la verifica.",
	restsNot:     "Poggia sulle chiavi di {party} ({words}), di cui nessuno si fa garante: sono arrivate soltanto con il file.",

	caseOpened:    "{from} ha indirizzato {what} a {to}: voce {index} di {outbox}.",
	caseAppeal:    "un’istanza (appeal)",
	caseKind:      "un’istanza (appeal) di tipo {kind}",
	casePing:      "una prova del canale (ping)",
	caseProposal:  "una proposta d’intesa sulle regole del collegamento (arrangement)",
	caseOther:     "un documento",
	caseSubject:   "Oggetto, con le parole di {from}:",
	caseNoTime:    "Quando sia avvenuta l’emissione non è mostrato.",
	caseHeld:      "Il nodo di {by} ne detiene i byte al più tardi dal {time}, secondo l’orologio di {by}.",
	caseNoReceipt: "Il file non prova che il nodo di {to} ne detenga i byte.",
	caseNoReply:   "Il file non contiene alcun atto che vi faccia seguito. Non mostra che non ve ne siano stati.",
	moves: map[string]string{
		"acknowledge": "{by} ha dato atto della presa visione (acknowledge), che non è un’accettazione",
		"answer":      "{by} ha dato una risposta (answer) di carattere {finality} e dichiara l’esito: {outcome}",
		"refuse":      "{by} ha opposto un rifiuto (refuse), con il codice: {code}",
		"withdraw":    "{by} ha effettuato il ritiro (withdraw)",

		"redirect":   "{by} ha indicato come competente un’altra autorità (redirect), il che non è un rifiuto",
		"incomplete": "{by} ha segnalato che è incompleta (incomplete), il che non è un rifiuto",
		"supplement": "{by} ha presentato un’integrazione (supplement)",
		"accept":     "{by} dichiara che le darà esecuzione (accept), nella misura: {extent}; non è un assenso a quanto essa afferma",
		"agree":      "{by} ha firmato la propria adesione a condizioni (agree), e a null’altro",
		"decline":    "{by} dichiara di non aderire a condizioni (decline), il che non è un ritiro",
		"postpone":   "{by} dichiara che non le darà esecuzione prima di: {until} (postpone; motivo: {ground}), il che non è un rifiuto",
		"progress":   "{by} ha dato un aggiornamento sullo stato di esecuzione (progress): {stage}; non è una risposta",
		"close":      "{by} ha chiuso la pratica (close) e dichiara il proprio grado di soddisfazione: {satisfaction}",
		"dispute":    "{by} contesta il seguito che vi è stato dato (dispute)",
		"correct":    "{by} ha presentato una rettifica (correct; {edition}), che non cancella quanto detto prima",
		"supersede":  "{by} ne ha indicato un’altra che ne prende il posto (supersede)",
		"escalate":   "{by} dichiara di averla portata a un livello superiore (escalate): {level}",

		"tally-answer": "{by} ha dato riscontro al conteggio (tally-answer)",
	},
	stands:         "Stato della pratica, per quanto il file mostra: {status}.",
	redirectedAway: "{to} ha indicato come competente un’altra parte, e con ciò la pratica è chiusa per {to}; non è un rifiuto",
	standsHidden:   "Lo stato della pratica non si può sapere: ciò che lo decide non è mostrato.",
	statuses: map[Status]string{
		StatusSent:         "risulta l’invio; nulla mostra che il nodo di {to} ne detenga i byte",
		StatusLodged:       "risulta il deposito presso un intermediario di {to}; nulla mostra che il nodo di {to} ne detenga i byte",
		StatusReceived:     "il nodo di {to} ne detiene i byte; nulla mostra che là qualcuno li abbia letti",
		StatusAcknowledged: "{to} ha dato atto della presa visione e non ha detto altro",
		StatusRedirected:   "{to} ha indicato come competente un’altra autorità; non è un rifiuto",
		StatusIncomplete:   "{to} ha segnalato che è incompleta e {from} non l’ha integrata; non è un rifiuto",
		StatusSupplemented: "{from} l’ha integrata e da allora {to} non ha detto altro",
		StatusAccepted:     "{to} dichiara che le darà esecuzione; non è un assenso a quanto essa afferma, né un’esecuzione",
		StatusConditional:  "{to} dichiara che le darà esecuzione a condizioni, cui {from} non ha aderito; non è un rifiuto",
		StatusOnTerms:      "{to} dichiara che le darà esecuzione a condizioni, cui {from} ha aderito; con ciò nessuna delle due parti dà il proprio assenso a quanto l’altra afferma",
		StatusOffTerms:     "{to} aveva dichiarato che le avrebbe dato esecuzione a condizioni, cui {from} dichiara di non aderire; l’istanza resta ferma",
		StatusPartly:       "{to} dichiara che le darà esecuzione in parte; non è un assenso a quanto essa afferma, né un’esecuzione",
		StatusPostponed:    "{to} dichiara che non le darà esecuzione prima del momento che indica; non è un rifiuto",
		StatusExecuting:    "{to} ha dato un aggiornamento sullo stato di esecuzione e non ha risposto",
		StatusInterim:      "{to} ha dato una risposta interlocutoria, e non una definitiva",
		StatusAnswered:     "{to} ha dato una risposta che dichiara definitiva",
		StatusRefused:      "{to} ha opposto un rifiuto",
		StatusSatisfied:    "{from} ha chiuso la pratica e dichiara piena soddisfazione",
		StatusPartial:      "{from} ha chiuso la pratica e dichiara una soddisfazione parziale",
		StatusDisputed:     "{from} contesta il seguito che {to} vi ha dato; chi abbia ragione, qui non si valuta",
		StatusWithdrawn:    "{from} ha effettuato il ritiro",
		StatusSuperseded:   "{from} ne ha indicata un’altra che ne prende il posto",
		StatusAgreed:       "{to} ha firmato la propria adesione",
		StatusDeclined:     "{to} dichiara di non aderirvi",
	},
	bothSigned:       "È una proposta di {from}, con la sua firma, e {to} ha firmato la propria adesione ({when}).",
	inForce:          "Secondo le loro stesse parole è in vigore dal {time} fino al {until}. Se le due parti vi si siano attenute, o se da allora abbiano aderito a un’altra, il file non lo mostra.",
	inForceOpen:      "Secondo le loro stesse parole è in vigore dal {time}, senza un termine finale indicato. Se le due parti vi si siano attenute, o se da allora abbiano aderito a un’altra, il file non lo mostra.",
	inForceHidden:    "Da quando sia in vigore, secondo le loro stesse parole, non è mostrato.",
	bothWithdrawn:    "Attenzione: {from} ne ha anche effettuato il ritiro. Quale dei due atti sia venuto prima non risulta dai loro registri d’uscita.",
	oneSigned:        "È una proposta di {from} e reca soltanto la sua firma: il file non mostra un’adesione di {to}. Una sola firma non vincola nessuno.",
	extentHidden:     "In quale misura dichiari di dare esecuzione non è mostrato.",
	agreed:           "{by} ha firmato la propria adesione (agree)",
	declined:         "{by} dichiara di non aderirvi (decline)",
	moveTime:         "emissione il {time}, come dichiara {by}",
	moveNoTime:       "quando sia avvenuta l’emissione non è mostrato",
	moveHeld:         "il nodo di {receiver} detiene questo atto al più tardi dal {time}, secondo l’orologio di {receiver}",
	moveNotHeld:      "il file non prova che l’altro nodo detenga questo atto",
	moveAbout:        "Indica come atto cui dà seguito la voce {index} di {outbox}.",
	moveAboutNotHere: "Indica come atto cui dà seguito la voce {index} di {outbox}, che il file non mostra tra gli atti della pratica.",
	moveIrregular:    "Questo atto viola una regola e non cambia nulla nella pratica: {rule}.",
	irregular: map[string]string{
		rulePing:      "A-1: una prova del canale ammette la presa visione o il rifiuto, e nient’altro",
		ruleTally:     "A-1: a un conteggio si risponde con un riscontro del conteggio o con il rifiuto, e a nient’altro si risponde così",
		ruleNoAppeal:  "A-1: non si riferisce né a un’istanza né a una prova del canale",
		ruleProposal:  "A-1: un’intesa proposta ammette presa visione, adesione, mancata adesione, rifiuto o ritiro, e nient’altro",
		ruleAuthor:    "A-1: questo atto spetta soltanto all’autore dell’istanza, nello stesso registro d’uscita",
		ruleWithdraw:  "A-1: soltanto l’autore ritira un’istanza, nello stesso registro d’uscita",
		ruleAddressee: "A-1: soltanto il destinatario dà seguito a un’istanza, nel registro d’uscita verso chi ne è l’autore",
		ruleEnded:     "A-3: il suo autore aveva già chiuso la pratica",
		ruleNoAbout:   "A-8: deve indicare l’atto dell’altra parte cui dà seguito, e non ne indica alcuno",
		ruleAbout:     "A-8: ciò che indica non è un atto regolare dell’altra parte in questa pratica cui potesse dare seguito",
		ruleTwice:     "A-8: il suo autore aveva già dato seguito all’atto che indica",
		ruleInvented:  "A-9: indica come mancante ciò che il primo avviso del suo autore non indicava",
		ruleLevel:     "A-11: il suo livello non è superiore a quello dell’istanza e di ogni livello cui era già stata portata",
		ruleInstead:   "A-8: ciò che ne prende il posto deve essere un altro documento nel registro d’uscita dell’autore",
		ruleLength:    "A-21: segue i primi 500 atti della sua parte, e una pratica non ne ammette di più",
		ruleCopy:      "A-4: indica una foglia che il suo autore aveva già scritto prima",
		ruleAgain:     "A-4: il suo autore aveva già scritto prima questa stessa foglia",
	},
	movesOrder: "Gli atti che vi fanno seguito sono nell’ordine delle date dichiarate dai loro autori.",
	notShown:   "non mostrato",

	fork: map[HowForked]string{
		ForkEvidence: "{author} ha firmato due versioni inconciliabili del registro d’uscita {outbox}. I due stati firmati che seguono recano entrambi sue firme valide e non possono appartenere a un solo registro:",
		ForkHeads:    "{author} ha firmato due versioni inconciliabili del registro d’uscita {outbox}. I due stati firmati che seguono recano entrambi sue firme valide, hanno la stessa lunghezza e sono diversi:",
		ForkRecords:  "{author} ha firmato due versioni inconciliabili del registro d’uscita {outbox}. Sotto i due stati firmati che seguono, entrambi con sue firme valide, alla voce {index} stanno due documenti diversi:",
	},
	forkHead:    "lunghezza {size}, radice {root}, firma del {time} secondo l’orologio di {author}",
	forkLeaf:    ", con il documento la cui foglia ha l’hash {leaf}",
	forkMeaning: "Un autore onesto, il cui sistema funzioni, non lo fa mai. Ciò mostra che le chiavi di {author} hanno firmato entrambe le versioni, non il perché: inganno, furto delle chiavi o un nodo ripristinato da una vecchia copia di riserva.",

	twoFaces:       "Attenzione: proprio sotto questa foglia il file mostra due valori diversi del campo {name}. {author} ha firmato entrambi: ciò che ha mostrato ad altri può non essere né l’uno né l’altro.",
	vouchedNotHere: "{party}: chi esegue la verifica si fa garante delle sue chiavi, ma in questo file nulla poggia su di esse. Un nome simile che vi compaia è di qualcun altro.",
	keysVouched:    "{party}: {words} (se ne fa garante chi esegue la verifica)",
	keysNot:        "{party}: {words} (arrivate soltanto con il file; nessuno se ne fa garante)",

	keysLinked: "{party}: {words} (un cambio di chiavi le collega a chiavi di cui si fa garante chi esegue la verifica)",

	state: map[State]string{
		Sent:     "Per quanto il file prova, è inviato: figura nel registro d’uscita di {author}. Nulla qui mostra che sia andato oltre.",
		Lodged:   "Per quanto il file prova, è depositato: lo detiene un intermediario di {audience}. Nulla qui mostra che {audience} lo abbia ricevuto.",
		Received: "Per quanto il file prova, è ricevuto: lo detiene il nodo di {audience}.",
	},
	designated:    "Prima di allora {audience} aveva indicato {by} come proprio intermediario. È un deposito, e non una ricevuta di {audience}.",
	notDesignated: "Il file non mostra che {audience} avesse prima di allora indicato {by} come proprio intermediario, e perciò non è un deposito: una terza parte ne ha una copia.",
	receiptDated:  "Il registro pubblico di {by} aveva indicato lo stato oggetto della ricevuta: voce {entry} di {register}, che esisteva al più tardi il {to}, secondo la data dei testimoni.",

	pending:        "Per quanto il file mostra, nessun testimone lo ha datato: la sua data è in sospeso.",
	notAfter:       "Vi figurava al più tardi il {to}, secondo la data dei testimoni ({names}, dal {from} al {to}): a quel punto avevano controfirmato il registro pubblico {register} alla lunghezza di {size}, e la sua voce {entry} indica lo stato di questo registro d’uscita alla lunghezza di {head}.",
	notAfterPublic: "Vi figurava al più tardi il {to}, secondo la data dei testimoni ({names}, dal {from} al {to}): a quel punto avevano controfirmato questo registro alla lunghezza di {size}.",
	notBefore:      "La stessa parte {author} ha dichiarato, nella voce {entry} del suo registro pubblico {register}, al più tardi il {time}, che questo registro d’uscita aveva {head} voci. Questo documento è la voce {index} (contando da 0): non vi figurava.",
	notBeforeAhead: "Secondo l’orologio di {author} quella voce è del {taken}, ma i testimoni l’avevano già prima.",
	backdated:      "RETRODATATO: il momento in cui {author} dichiara di averlo emesso è anteriore. Entrambe le dichiarazioni recano le sue firme e non possono essere vere tutte e due: il documento è stato scritto più tardi di quanto dice, o un orologio di {author} era sbagliato.",
	dateVouched:    "Questi testimoni soddisfano i criteri di chi esegue la verifica.",
	dateNot:        "Nessuno si fa garante di questi testimoni: le loro chiavi sono arrivate soltanto con il file.",

	caseLodged:    "È depositato: {by}, intermediario di {to}, ne detiene i byte al più tardi dal {time}, secondo l’orologio di {by}.",
	caseDated:     "Esisteva al più tardi il {to}, secondo la data dei testimoni.",
	caseBackdated: "Attenzione: è retrodatato. Secondo una sua dichiarazione anteriore {from} non lo aveva scritto quando dice (si veda {records}).",
	moveBackdated: "Attenzione: è retrodatato. Secondo una sua dichiarazione anteriore {by} non lo aveva scritto quando dice (si veda {records}).",
	moveOldKeys:   "Attenzione: esso, o la sua ricevuta, poggia su chiavi abbandonate (si veda {records}).",

	clocksTitle: "OROLOGI DISCORDANTI",
	clock: map[ClockStatement]string{
		ClockReleased:   "{party} dichiara di avere emesso la voce {index} di {outbox} il {says}, ma quella voce esisteva il {bound}, secondo la data dei testimoni. L’orologio di {party} era sbagliato di {gap} o più, o il documento è stato postdatato.",
		ClockTaken:      "{party} dichiara di avere rilevato gli stati della voce {index} di {outbox} il {says}, ma quella voce esisteva il {bound}, secondo la data dei testimoni. L’orologio di {party} era sbagliato di {gap} o più.",
		ClockCheckpoint: "{party} ha datato la propria firma sulla lunghezza di {size} di {outbox} {says}, ma i testimoni avevano quello stato il {bound}. L’orologio di {party} era sbagliato di {gap} o più, o quello stato è stato firmato due volte.",
		ClockReceipt:    "{party} ha datato la propria ricevuta sulla lunghezza di {size} di {outbox} {says}, ma il suo stesso registro pubblico aveva indicato quello stato il {bound}, secondo la data dei testimoni. L’orologio di {party} era sbagliato di {gap} o più, o la ricevuta è stata data più volte.",
		ClockEarly:      "{party} ha datato una ricevuta che comprende la voce {index} di {outbox} {says}, ma l’autore di quel registro ha dichiarato che la voce non vi figurava il {bound}. L’orologio di {party} era sbagliato di {gap} o più, o quella dichiarazione non è vera.",
	},

	channelTitle: "SEGNI DI VITA",
	beats:        "{by} ha dato battiti sul registro d’uscita {outbox}: {count}, il primo il {first}, l’ultimo il {last}, con un intervallo massimo di {gap}.",
	beatsMean: map[Role]string{
		Author:   "Con ciascuno di essi {by} dichiara di non avere scritto nulla oltre la lunghezza indicata.",
		Audience: "Con ciascuno di essi il nodo di {by} ha risposto, indicando lo stato più lungo di questo registro che avesse visto.",
		Relay:    "Con ciascuno di essi {by} dichiara quanto deteneva di questo registro.",
	},
	sizes: map[Role]string{
		Author:   "{by} dichiara: {size} voci e nessuna oltre, dal {from} al {to} (battiti: {count})",
		Audience: "il nodo di {by} ha risposto, con la lunghezza invariata di {size}, dal {from} al {to} (battiti: {count})",
		Relay:    "{by} dichiara che deteneva {size} voci, dal {from} al {to} (battiti: {count})",
	},
	beatsClock: "Questi momenti sono dell’orologio di {by}. Un battito prova il suo momento a chi lo ha ricevuto allora; a chiunque altro, soltanto per quanto si creda a {by}.",

	takenBackTitle: "DICHIARAZIONI RITRATTATE",
	takenBack: map[Role]string{
		Author:   "{by} nega ciò che aveva firmato: dopo avere firmato il registro d’uscita {outbox} a una certa lunghezza, ha dichiarato che era più corto.",
		Audience: "{by} ha ritrattato una ricevuta: dopo avere ricevuto il registro d’uscita {outbox} fino a una certa lunghezza, ha dichiarato di conoscerne meno.",
		Relay:    "{by} ha nascosto voci: dopo avere attestato di detenere il registro d’uscita {outbox} fino a una certa lunghezza, ha dichiarato di detenerne meno.",
	},
	twoHeads: "{by} ha indicato due stati del registro d’uscita {outbox} in una sola voce del suo registro pubblico, mentre lo stato più recente è uno solo.",
	statement: map[StatementKind]string{
		SaidReceipt:    "ricevuta sulla lunghezza {size}, radice {root}, data il {time} secondo l’orologio di {by}",
		SaidCheckpoint: "lunghezza {size}, radice {root}, firma del {time} secondo l’orologio di {by}",
		SaidHeads:      "lunghezza {size}, radice {root}, indicata il {time} secondo l’orologio di {by} nella voce {index} di {register}",
		SaidBeat:       "battito sulla lunghezza {size}, radice {root}, dato il {time} secondo l’orologio di {by}",
	},
	takenBackMeans: "Un nodo funzionante, il cui orologio va avanti, non lo fa mai. Ciò mostra che le chiavi di {by} hanno firmato entrambe le cose, non il perché.",

	witnessVouched: "Testimone {key}: figura tra i criteri di chi esegue la verifica",
	witnessNot:     "Testimone {key}: la sua chiave è arrivata soltanto con il file; nessuno se ne fa garante",

	generation:  "Queste sono le sue chiavi della generazione {generation}.",
	linked:      "Chi esegue la verifica si fa garante di altre chiavi di questa parte, e un cambio di chiavi collega queste a quelle (si veda {changes}).",
	apart:       "Attenzione: il file contiene altre chiavi di {party} e nulla vi collega le une alle altre. Si leggano come due parti dello stesso nome.",
	restsLinked: "Poggia sulle chiavi di {party} ({words}), che un cambio di chiavi collega a chiavi di cui si fa garante chi esegue la verifica.",

	changes:        "CAMBI DI CHIAVI",
	change:         "{party} dichiara di avere cambiato le proprie chiavi, con effetto dal {time}. Motivo: {reason}.",
	changeNotShown: "{party} ha scritto di un cambio delle proprie chiavi. Quanto occorre per valutarlo non è mostrato.",
	oldWords:       "Chiavi precedenti",
	newWords:       "Chiavi nuove",
	keysHere:       "{name} (generazione {generation}): {words}",
	keysNotHere:    "{name}: non sono nel file (impronta {fingerprint})",
	authorized: map[string]string{
		byOldKeys:  "Lo hanno autorizzato le chiavi precedenti: chi le deteneva allora ha indicato le nuove.",
		byRecovery: "Lo ha autorizzato la chiave di riserva che il profilo precedente indica.",
	},
	problem: map[string]string{
		ProblemNoProfile:  "Se sia autorizzato non si può valutare: il file non contiene i profili di entrambe le chiavi. Nulla le collega.",
		ProblemGeneration: "Attenzione: non è autorizzato: le chiavi nuove non sono di una generazione successiva a quella delle precedenti. Nulla le collega.",
		ProblemNoRecovery: "Attenzione: non è autorizzato: si dice autorizzato da una chiave di riserva, e il profilo precedente di {party} non ne indica alcuna. Nulla le collega.",
		ProblemSignature:  "Attenzione: non è autorizzato: nessuno che possa cambiare le chiavi di {party} lo ha firmato. Nulla le collega.",
	},
	saidByNew:     "Le chiavi nuove parlano delle precedenti come proprie.",
	notSaidByNew:  "Il file non mostra che le chiavi nuove parlino delle precedenti come proprie.",
	rival:         "Attenzione: un altro cambio porta dalle stesse chiavi precedenti di {party} ad altre chiavi nuove. Al massimo uno dei due è di {party}: occorre chiederle le sue parole.",
	compromise:    "{party} ha abbandonato le chiavi precedenti perché qualcun altro può averle. Da allora ciò che esse hanno firmato vale soltanto se testimoni lo avevano datato prima.",
	hollow:        "Attenzione: le sole chiavi che lo autorizzano sono quelle che esso dice rubate, sicché può averlo fatto un ladro. Non è un motivo per credere alle chiavi nuove.",
	changeDated:   "Il cambio stesso era pubblico al più tardi il {to}, secondo la data dei testimoni. Una parte può abbandonare le proprie chiavi per disconoscere ciò che hanno firmato: quanto esse hanno firmato tra il momento che essa indica e quello vale per quanto si creda alla sua parola.",
	changePending: "Quando il cambio stesso sia divenuto pubblico nessun testimone lo ha datato. Una parte può abbandonare le proprie chiavi per disconoscere ciò che hanno firmato.",
	followsNew: map[string]string{
		byOldKeys:  "Che cosa ne segue: chi crede alle chiavi precedenti può credere che le nuove siano di {party}, se allora nessun altro aveva le precedenti.",
		byRecovery: "Che cosa ne segue: chi crede alle chiavi precedenti può credere che le nuove siano di {party}, se nessun altro aveva la chiave di riserva.",
	},
	followsOld: "Che cosa ne segue: chi crede alle chiavi nuove può credere che le precedenti fossero di {party}. Non ne segue che sia di {party} tutto ciò che hanno firmato.",
	oldKeys: map[Standing]string{
		Stands:      "{party} ha abbandonato le chiavi di {what} con effetto dal {time}, perché qualcun altro può averle. I testimoni danno una data anteriore, e perciò vale.",
		StandsIf:    "{party} ha abbandonato le chiavi di {what} con effetto dal {time}, perché qualcun altro può averle. Una data anteriore è data soltanto da testimoni di cui nessuno si fa garante: vale per quanto si creda a loro.",
		Revoked:     "Attenzione: {what} poggia su una chiave revocata. {party} ha abbandonato le chiavi con effetto dal {time}, perché qualcun altro può averle, e nessun testimone dà una data anteriore. Può esserne autore chiunque le abbia, con qualsiasi ora.",
		AfterChange: "Attenzione: {party} aveva abbandonato le chiavi di {what} con effetto dal {time} (motivo: {reason}), e secondo il suo stesso orologio la data è posteriore.",
	},
	thisRecord:  "questo documento",
	thisReceipt: "questa ricevuta",
	thisFinding: "questa contraddizione",
	theseBeats:  "questa serie di battiti",

	notProved: []string{
		"Che un nodo che detiene un documento potesse leggervi ciò che qui è mostrato: una ricevuta riguarda byte cifrati, e soltanto l’autore e il destinatario possono dire che cosa contengono.",
		"Che una persona ne abbia letto alcunché. Una presa visione firmata è la dichiarazione di una parte che qualcuno lo ha letto, e nulla più.",
		"Che ciò non sia stato detto anche altrove, o che non sia stato detto nient’altro: un file mostra ciò che qualcuno ha scelto di includervi.",
		"Che il suo contenuto sia vero.",
		"Che qualcosa sia stato eseguito o accettato, o che qualcuno vi abbia dato il proprio assenso, al di là delle parole che una parte ha firmato.",
	},
	notProvedUndated: []string{
		"Quando qualcosa sia stato scritto, se non secondo gli orologi delle parti nominate.",
		"Che nessuna parte abbia riportato indietro il proprio orologio: nessun testimone ha datato nulla di quanto precede.",
	},
	notProvedDated: []string{
		"Quando sia stato scritto ciò che nessun testimone ha datato, se non secondo gli orologi delle parti nominate, e che in ciò nessuna parte abbia riportato indietro il proprio orologio.",
		"Che ciò che i testimoni hanno datato sia stato scritto in quel momento: una data dice che a quel punto esisteva.",
		"Che i testimoni non dipendano da alcuna delle parti, né l’uno dall’altro.",
	},
	notProvedNow:       "Che le chiavi siano quelle che una parte ha oggi, o che essa non abbia in seguito cambiato o ritirato il proprio profilo.",
	notProvedBeats:     "Che un battito sia stato dato nel momento che indica: soltanto chi lo ha dato lo ha datato.",
	notProvedStolen:    "Che le chiavi precedenti di {party} non fossero in altre mani prima del momento dal quale le ha abbandonate.",
	notProvedUnvouched: "Che le chiavi di {party} siano quelle dell’autorità di quel nome: nessuno se ne fa garante.",
	notProvedTLP:       "Che chi ha formato questo file potesse mostrarlo: almeno un documento è stato contrassegnato TLP:{tlp} dal suo autore.",

	// The glosses stand in a narrow column, so they are short.
	fields: map[string]string{
		"act": "atto", "class": "classe", "channel": "canale", "drafted_at": "redatto il", "released_at": "emesso il",
		"released_by": "emesso da", "drafted_by": "redatto da", "on_behalf_of": "per conto di", "language": "lingua",
		"tlp": "divulgazione", "pap": "azioni consentite", "case_ref": "numero di pratica",

		"kind": "tipo", "subject": "oggetto", "summary": "fatti", "requested_action": "azione richiesta",
		"competence": "competenza invocata", "legal_basis": "base giuridica", "urgency": "urgenza",
		"urgency_reason": "motivo dell’urgenza", "acknowledge_by": "presa visione entro", "reply_by": "risposta entro",
		"confidentiality": "riservatezza", "conditions": "condizioni", "consequence": "conseguenze del ritardo",
		"follow_up": "seguito previsto", "incident": "numero d’incidente", "attachments": "allegati",

		"questions": "domande", "concern": "motivo di preoccupazione", "misperception": "rischio di equivoco",
		"targets": "obiettivi", "measure": "misura", "evidence": "elementi di prova", "harm": "danno",
		"indicators": "indicatori", "context": "contesto", "permitted_actions": "usi", "bundle_sha256": "dati STIX",

		"in_reply_to": "segue a", "note": "nota", "finality": "carattere", "outcome": "esito", "text": "testo",
		"results": "risultati", "code": "codice", "reason": "motivazione", "consulted_on_conditions": "condizioni discusse",
		"appeal_to": "a chi rivolgersi", "nonce": "valore di prova",

		"party": "parte", "title": "denominazione", "jurisdiction": "giurisdizione", "party_kind": "tipo",
		"endpoint": "indirizzo del nodo", "keys": "chiavi", "keys_valid_until": "chiavi valide fino al",
		"receipt_statement": "valore delle ricevute", "contacts": "recapiti", "accepts": "tipi trattati",
		"recovery": "riserva", "contact": "recapito provato",

		"effective_at": "con effetto dal", "until": "fino al", "previous": "stato precedente",
		"period": "mese", "taken_at": "rilevato il", "sent_outbox": "registro inviati", "sent_from": "inviati da",
		"sent_next": "inviati fino a", "received_outbox": "registro ricevuti", "received_from": "ricevuti da", "received_next": "ricevuti fino a",
		"rows": "conteggi", "unreceipted": "senza ricevuta", "agrees": "concorda", "differences": "differenze",
		"heads": "stati", "role": "ruolo", "state": "stato", "fingerprint": "impronta", "profile_file": "profilo",
		"from": "da", "to": "a", "authorized_by": "con", "authorization": "autorizzazione",

		"expires_at": "decade il", "level": "livello", "supersedes": "rimpiazza", "redirected_from": "da", "first_made_at": "presentata la prima volta il",

		"event": "evento", "occurred_at": "avvenuto il", "assessment": "valutazione",
		"skills": "competenze tecniche", "systems": "sistemi", "duration": "durata", "costs": "oneri",
		"authority": "autorità richiedente", "offence": "reato e fatti", "data_classes": "categorie di dati", "identifiers": "identificativi",
		"relation": "nesso con il reato", "custodian": "detentore dei dati", "necessity": "necessità", "full_request_by": "rogatoria completa entro",
		"preserve_until": "da conservare fino al", "preserve": "istanza", "path_fields": "dati sul percorso", "law": "norme applicabili",
		"order": "provvedimento", "scope": "portata", "procedure": "modalità richieste", "emergency": "emergenza", "risk": "rischio per la vita o l’incolumità",
		"paper_by": "richiesta formale entro", "suspects": "persone sospettate", "infrastructure": "infrastruttura", "conduct": "condotta",
		"wanted_measure": "misura chiesta", "evidence_to_follow": "prove che seguiranno", "operation": "operazione", "owed": "atti dovuti",
		"evidence_format": "formato delle prove", "admissibility": "utilizzabilità in giudizio",

		"asset_form": "beni", "amount": "importo", "currency": "valuta", "transferred_at": "trasferimento del", "victim": "persona offesa",
		"freeze_until": "congelamento fino al", "sending_bank": "banca ordinante", "sending_account": "conto ordinante", "beneficiary": "beneficiario",
		"beneficiary_bank": "banca del beneficiario", "beneficiary_account": "conto del beneficiario", "intermediary": "banca intermediaria",
		"swift_reference": "riferimento SWIFT", "chain": "blockchain", "token_contract": "contratto del token", "address": "indirizzo",
		"transactions": "transazioni", "balance_proof": "prova del saldo",

		"not_to_do": "da cui astenersi", "hold_until": "astensione fino al", "hold_reason": "motivo",
		"victims": "vittime", "advice": "raccomandazioni", "may_name_source": "fonte nominabile", "product": "prodotto", "versions": "versioni",
		"vulnerabilities": "vulnerabilità", "severity_scale": "scala di gravità", "severity": "gravità", "embargo_until": "riservata fino al", "remedy": "rimedio",
		"list_digest": "impronta", "list_size": "voci dell’elenco", "sectors": "settori", "valid_from": "valido dal", "valid_until": "valido fino al",
		"topics": "argomenti", "proposed_times": "date proposte", "meeting_format": "forma",

		"about": "riguarda", "to_authority": "autorità indicata", "to_party": "parte indicata", "to_contact": "recapito indicato",
		"missing": "campi mancanti", "complete_by": "da integrare entro", "changes": "modifiche", "extent": "misura", "terms": "condizioni poste",
		"expected_by": "previsto per il", "ground": "motivo", "stage": "stato di esecuzione", "warnings": "avvisi",
		"preserved_until": "dati conservati fino al", "use_limits": "limiti di utilizzazione", "satisfaction": "soddisfazione", "edition": "natura", "by": "nuova istanza",

		"nominated_by": "designata da", "status": "stato", "max_lag": "ritardo massimo", "review_by": "da rivedere entro", "protection": "visibilità",
		"languages": "lingue", "instruments": "strumenti riconosciuti", "reservations": "riserve", "authorities": "autorità", "competences": "competenze",

		"version": "versione", "in_force_from": "in vigore dal", "bodies": "organi competenti", "channels": "canali", "kinds": "tipi e termini",
		"calendars": "calendari", "holidays": "giorni festivi", "retention": "conservazione dei contenuti", "releasability": "divulgabilità",
		"counting": "che cosa si conta", "counting_rule": "regola di conteggio", "escalation": "livelli superiori", "reminder": "preavviso",
	},
	words: map[string]map[string]string{
		"act": {"profile": "profilo", "appeal": "istanza", "acknowledge": "presa visione", "answer": "risposta", "refuse": "rifiuto",
			"withdraw": "ritiro", "ping": "prova del canale", "suspend": "sospensione", "resume": "ripresa", "continue": "prosecuzione",
			"tally": "conteggio", "tally-answer": "riscontro del conteggio", "heads": "stati dei registri", "designate": "designazione",
			"key-change": "cambio di chiavi", "redirect": "rinvio ad altra autorità", "incomplete": "istanza incompleta", "supplement": "integrazione",
			"accept": "accettazione", "agree": "adesione", "decline": "mancata adesione", "postpone": "differimento", "progress": "aggiornamento",
			"close": "chiusura", "dispute": "contestazione", "correct": "rettifica", "supersede": "sostituzione", "escalate": "livello superiore",
			"directory": "scheda delle autorità", "arrangement": "proposta d’intesa"},
		"reason":        {"rotation": "rotazione", "loss": "perdita", "compromise": "compromissione"},
		"authorized_by": {"old-keys": "chiavi precedenti", "recovery-key": "chiave di riserva"},
		"role":          {"relay": "intermediario"},
		"state":         {"in-force": "in vigore", "ended": "terminata"},
		"class":         {"test": "prova", "service": "servizio", "substantive": "di merito"},
		"channel": {"technical": "tecnico", "diplomatic": "diplomatico", "judicial": "giudiziario", "police": "di polizia",
			"leader": "di vertice", "provider": "dei fornitori"},
		"tlp": {"clear": "libera", "green": "comunità", "amber": "organizzazioni e clienti", "amber+strict": "sole organizzazioni",
			"red": "soli destinatari"},
		"pap": {"clear": "tutte", "green": "anche attive", "amber": "solo passive", "red": "solo non rilevabili"},

		"channels": {"technical": "tecnico", "diplomatic": "diplomatico", "judicial": "giudiziario", "police": "di polizia",
			"leader": "di vertice", "provider": "dei fornitori"},
		"kind": {"clarify": "chiarimento", "mitigate": "mitigazione", "indicators": "indicatori di compromissione", "notice": "segnalazione",
			"technical-help": "assistenza tecnica", "preserve": "conservazione di dati", "preserve-extend": "proroga della conservazione",
			"preserve-release": "revoca della conservazione", "traffic-path": "percorso del traffico", "subscriber": "dati dell’abbonato",
			"stored-data": "dati memorizzati", "emergency-data": "dati in caso d’emergenza", "suppress": "repressione della condotta",
			"evidence-follow-up": "seguito probatorio", "freeze-assets": "congelamento di beni", "hold-off": "richiesta di astensione",
			"notify-victims": "avviso alle vittime", "vulnerability": "vulnerabilità", "protected-objects": "infrastrutture protette",
			"consult": "consultazione"},
		"level":          {"technical": "tecnico", "operational": "operativo", "political": "politico", "judicial": "giudiziario"},
		"data_classes":   {"subscriber": "abbonato", "traffic": "traffico", "content": "contenuto"},
		"wanted_measure": {"identify": "identificare", "locate": "localizzare", "detain": "fermare", "charge": "incriminare"},
		"asset_form":     {"bank": "in banca", "chain": "su blockchain"},
		"hold_reason": {"ongoing-operation": "operazione in corso", "covert-measure": "misura coperta", "evidence-at-risk": "prove a rischio",
			"safety": "incolumità", "other": "altro"},
		"sectors": {"chemical": "chimica", "commercial-facilities": "strutture commerciali", "communications": "comunicazioni",
			"critical-manufacturing": "industria essenziale", "dams": "dighe", "defence-industrial-base": "industria della difesa",
			"emergency-services": "soccorso", "energy": "energia", "financial-services": "servizi finanziari", "food-and-agriculture": "agroalimentare",
			"government-facilities": "edifici pubblici", "healthcare": "sanità", "information-technology": "informatica", "nuclear": "nucleare",
			"transportation": "trasporti", "water": "acqua"},
		"meeting_format": {"call": "telefonata", "in-person": "di persona", "video": "videoconferenza", "written": "per iscritto"},

		"extent":       {"full": "integrale", "conditions": "a condizioni", "partly": "parziale"},
		"ground":       {"own-investigation": "proprie indagini", "judicial-review": "vaglio giudiziario"},
		"stage":        {"under-way": "in corso", "waiting-for-others": "in attesa di terzi", "partly-done": "eseguita in parte"},
		"warnings":     {"preservation-insufficient": "conservazione insufficiente", "confidentiality-at-risk": "riservatezza a rischio", "would-alert-suspect": "allerterebbe il sospettato"},
		"satisfaction": {"satisfied": "soddisfatta", "partial": "in parte"},
		"edition":      {"correction": "correzione", "amendment": "modifica"},

		"status":     {"active": "attiva", "suspended": "sospesa", "withdrawn": "ritirata"},
		"protection": {"need-to-know": "a chi ne ha necessità", "authorities": "alle autorità", "public": "a tutti"},
		"releasability": {"nothing": "nulla", "counts": "totali", "counts-by-kind": "totali per tipo", "places-and-times": "luoghi e date",
			"as-agreed": "come convenuto"},
		"counting": {"lodged": "deposito", "received": "ricezione", "acknowledged": "presa visione", "admissible": "ammissibilità"},

		"urgency": {"routine": "ordinaria", "urgent": "urgente", "emergency": "emergenza"},
		"measure": {"block": "blocco", "sinkhole": "dirottamento del traffico", "suspend": "sospensione", "clean": "bonifica", "notify": "avviso"},
		"permitted_actions": {"none": "nessuno", "contact-for-instruction": "chiedere istruzioni", "internally-visible": "interno",
			"externally-visible-indirect": "esterno indiretto", "externally-visible-direct": "esterno diretto"},
		"finality": {"interim": "interlocutorio", "final": "definitivo"},
		"outcome":  {"done": "eseguito", "partly-done": "eseguito in parte", "not-done": "non eseguito", "information": "informazioni fornite"},

		"code": {
			"bad-signature": "firma non valida", "unknown-key": "chiave sconosciuta", "expired-key": "chiave scaduta",
			"undecryptable": "non decifrabile", "unknown-format": "formato sconosciuto", "too-large": "dimensioni eccessive",
			"replay": "invio ripetuto", "sequence-gap": "lacuna nella sequenza", "channel-suspended": "canale sospeso",

			"not-competent": "incompetenza", "missing-field": "campo mancante", "unclear-object": "oggetto non chiaro",
			"no-legal-basis": "assenza di base giuridica", "wrong-language": "lingua non ammessa", "stale-data": "dati non aggiornati",
			"duplicate": "duplicato", "not-authorised-sender": "mittente non autorizzato",

			"political-offence": "reato politico", "sovereignty": "sovranità", "security": "sicurezza", "ordre-public": "ordine pubblico",
			"essential-interests": "interessi essenziali", "dual-criminality": "doppia incriminazione", "ne-bis-in-idem": "ne bis in idem",
			"persecution-fear": "timore di persecuzione", "fundamental-rights": "diritti fondamentali", "domestic-law": "diritto interno",
			"disproportionate": "sproporzione", "clearly-irrelevant": "manifesta irrilevanza", "neutrality": "neutralità",

			"no-data": "dati inesistenti", "data-expired": "dati non più conservati", "impossible": "impossibilità",
			"no-capacity": "mezzi insufficienti", "third-party-consent": "consenso di terzi",
		},

		"party_kind": {"csirt": "unità di risposta agli incidenti", "law-enforcement": "forze dell’ordine", "ministry": "ministero",
			"provider": "fornitore", "international-body": "organismo internazionale", "witness": "testimone", "relay": "intermediario"},
	},
}}
