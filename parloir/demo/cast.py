"""The demonstration's detained people and their relatives. All are invented; no real person is meant.

Numbers are kept out of the generator's ranges: committal numbers from 900001, visitors from V900001.
"""

from datetime import date

from parloir.demo.people import Detained, Relative

JULIEN = Detained("900001", "FONTAINE", ("Julien", "Marc"), date(1989, 2, 11), "prevenu", "ma-dijon", "MA/QMA")
THOMAS = Detained("900002", "MERCIER", ("Thomas",), date(1986, 7, 29), "condamne", "ma-dijon", "MA/QMA")
JEAN_BERNARD = Detained("900003", "PAYET", ("Jean-Bernard",), date(1988, 5, 4), "condamne", "cp-marseille", "CD/QCD")
MICKAEL = Detained("900004", "PAYET", ("Mickaël",), date(1993, 10, 16), "prevenu", "ma-lyon-corbas", "MA/QMA")
STEPHANE = Detained("900005", "PERRIN", ("Stéphane", "Alain"), date(1975, 3, 23), "condamne", "cp-nantes", "CD/QCD")
IBRAHIMA = Detained("900006", "DIALLO", ("Ibrahima",), date(1992, 12, 1), "prevenu", "cp-fleury-merogis", "MA/QMA")
FRANCK = Detained("900007", "CARPENTIER", ("Franck",), date(1978, 9, 9), "appelant", "cp-lille-annoeullin", "MA/QMA")
LUDOVIC = Detained("900008", "ROBIN", ("Ludovic",), date(1981, 1, 27), "condamne", "ma-strasbourg", "MA/QMA")
MAMADOU = Detained("900009", "KEÏTA", ("Mamadou",), date(1984, 8, 18), "prevenu_condamne", "ma-nice", "MA/QMA")
SAMIR = Detained("900010", "AMRANI", ("Samir",), date(1990, 6, 6), "prevenu", "cp-toulouse-seysses", "MA/QMA")
KEVIN = Detained("900011", "LE GOFF", ("Kévin",), date(1997, 4, 20), "prevenu", "cp-rennes-vezin", "MA/QMA")
YANN = Detained("900012", "TANGUY", ("Yann",), date(1979, 11, 3), "condamne", "cp-rennes-vezin", "CD/QCD")
BRUNO = Detained("900013", "VASSEUR", ("Bruno",), date(1972, 2, 2), "condamne", "cp-lille-loos-sequedin", "MA/QMA")
FABRICE = Detained(
    "900014",
    "GAUTHIER",
    ("Fabrice",),
    date(1971, 5, 31),
    "condamne",
    "ma-dijon",
    "MA/QMA",
    transfer=("cp-varennes-le-grand", "CD/QCD"),
    disclosed_after_days=10,
)
TEDDY = Detained("900015", "CÉLESTINE", ("Teddy",), date(1994, 3, 15), "prevenu", "cp-ducos", "MA/QMA")
CEDRIC = Detained("900016", "LECLERCQ", ("Cédric",), date(1985, 10, 10), "condamne", "cd-joux-la-ville", "CD/QCD")
# Those of the tutorials: their names are words, nobody's.
CLAUDE = Detained("900017", "MODÈLE", ("Claude",), date(1986, 7, 29), "condamne", "ma-dijon", "MA/QMA")

CAMILLE = Relative("MARCHAND", ("Camille", "Louise"), date(1991, 5, 17), "V900001", use_name="FONTAINE")
MONIQUE = Relative("ROUSSEL", ("Monique",), date(1959, 9, 28), "V900002", use_name="FONTAINE")
NADIA = Relative("BENSAÏD", ("Nadia",), date(1988, 9, 3), "V900003")
YANIS = Relative("MERCIER", ("Yanis",), date(2018, 6, 3), "V900004")
MARIE_JOSEPHE = Relative("HOARAU", ("Marie-Josèphe",), date(1964, 2, 12), "V900005", use_name="PAYET")
LAURENCE = Relative("CHEVALIER", ("Laurence",), date(1979, 11, 22), "V900006", use_name="PERRIN")
AICHA = Relative("DIALLO", ("Aïcha", "Mariama"), date(1995, 7, 8), "V900007")
ENZO = Relative("CARPENTIER", ("Enzo",), date(2009, 10, 20), "V900008")
MAELYS = Relative("ROBIN", ("Maëlys",), date(2010, 3, 14), "V900009")
FATOUMATA = Relative("KEÏTA", ("Fatoumata",), date(1985, 12, 9), "V900010")
LAHCEN = Relative("AMRANI", ("Lahcen",), date(1957, 1, 1), "V900011")
ISABELLE_1970 = Relative("PETIT", ("Isabelle",), date(1970, 4, 2), "V900012")
ISABELLE_1983 = Relative("PETIT", ("Isabelle",), date(1983, 10, 19), "V900013")
DENISE = Relative("DELATTRE", ("Denise",), date(1949, 8, 25), "V900014", use_name="VASSEUR")
SANDRINE = Relative("MOULIN", ("Sandrine",), date(1974, 1, 14), "V900015", use_name="GAUTHIER")
MARLENE = Relative("CÉLESTINE", ("Marlène",), date(1982, 6, 18), "V900016")
BASTIEN = Relative("LECLERCQ", ("Bastien",), date(1990, 2, 8), "V900017")
HUGO = Relative("LAMBERT", ("Hugo", "Pierre"), date(1999, 3, 30))
DOMINIQUE = Relative("EXEMPLE", ("Dominique",), date(1988, 9, 3), "V900018")
LOU = Relative("EXEMPLE", ("Lou",), date(2018, 6, 3), "V900019")
