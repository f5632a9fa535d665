"""Family and first names as common as can be in France, from which the generator draws."""

# ruff: noqa: SIM905 (a list of words reads better as words)

FAMILY_NAMES = tuple(
    """
    MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX DAVID
    BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER LEFÈVRE FAURE ANDRÉ
    MERCIER BLANC GUÉRIN BOYER GARNIER CHEVALIER FRANÇOIS LEGRAND GAUTHIER GARCIA PERRIN ROBIN CLÉMENT MORIN NICOLAS
    HENRY ROUSSEL MATHIEU GAUTIER MASSON MARCHAND DUVAL DENIS DUMONT MARIE LEMAIRE NOËL MEYER DUFOUR MEUNIER BRUN
    BLANCHARD GIRAUD JOLY RIVIÈRE LUCAS BRUNET GAILLARD BARBIER ARNAUD MARTINEZ GÉRARD ROCHE RENARD SCHMITT ROY
    LEROUX COLIN VIDAL CARON PICARD ROGER FABRE AUBERT LEMOINE RENAUD DUMAS LACROIX OLIVIER PHILIPPE BOURGEOIS
    PIERRE BENOÎT REY LECLERC PAYET ROLLAND LECLERCQ GUILLAUME LECOMTE LOPEZ JEAN DUPUY GUILLOT HUBERT BERGER
    CARPENTIER SANCHEZ DUPUIS MOULIN LOUIS DESCHAMPS HUET VASSEUR PEREZ BOUCHER FLEURY ROYER KLEIN JACQUET ADAM
    PARIS POIRIER MARTY AUBRY GUYOT CARRÉ CHARLES RENAULT CHARPENTIER MÉNARD MAILLARD BARON BERTIN BAILLY HERVÉ
    SCHNEIDER FERNANDEZ COLLET LÉGER BOUVIER JULIEN PRÉVOST MILLET PERROT DANIEL COUSIN GERMAIN BRETON BESSON
    LANGLOIS REMY PELLETIER LE-GALL LE-GOFF TANGUY HAMON BENALI BENSAÏD AMRANI BOUZID HADDAD MANSOURI CHERIF SAÏDI
    TOUATI BELKACEM HAMIDI ZIANI BRAHIMI KACI LARBI MEZIANE AÏT-ALI OUALI RAHMANI SLIMANI BOUAZIZ TRABELSI GHARBI
    JAZIRI ALAMI BENNANI TAZI BERRADA EL-IDRISSI DIALLO TRAORÉ COULIBALY KEÏTA DIARRA CAMARA SYLLA TOURÉ KONATÉ
    NDIAYE DIOP FALL SOW CISSÉ BARRY MENDY GOMIS NGUYEN TRAN PHAM DA-SILVA FERREIRA PEREIRA RODRIGUES LOPES GOMES
    ROSSI ROMANO YILMAZ KAYA HOARAU GRONDIN BOYER-PAYET FONTAINE-GRONDIN CÉLESTINE LUBIN JEAN-BAPTISTE MARIE-LOUISE
    JOSEPH-ALEXANDRE ÉTIENNE BARUL TÉLÉMAQUE LAGUERRE TEIHOTU TEMARII WAMYTAN ABDALLAH SAÏD-ALI BACAR MADI
    """.split()
)

MEN = tuple(
    """
    Alexandre Thomas Nicolas Julien Kévin Maxime Anthony Romain Guillaume Florian Mickaël Sébastien Jérémy David
    Christophe Benjamin Mathieu Jonathan Cédric Dylan Jordan Lucas Hugo Théo Enzo Nathan Louis Gabriel Jules Adam
    Raphaël Arthur Léo Paul Antoine Vincent Fabrice Franck Stéphane Laurent Éric Frédéric Philippe Pascal Bruno
    Thierry Olivier Michel Jean-Pierre Jean-Luc Alain Patrick Gérard Serge Didier Jean-Claude Bernard Dominique
    Xavier Yann Loïc Erwan Gaël Mohamed Ahmed Karim Samir Mehdi Yassine Rachid Nabil Sofiane Bilal Amine Ilyes Walid
    Farid Hakim Mourad Abdel Youssef Ibrahima Mamadou Moussa Ousmane Cheikh Abdoulaye Souleymane Teddy Jimmy Steeve
    Jean-Marc Wilfried Éloi Marvin Ruddy Christian Manuel José Carlos Luigi Emre Mehmet Minh Teva Manutea
    """.split()
)

WOMEN = tuple(
    """
    Marie Camille Sarah Laura Léa Manon Julie Pauline Marine Mathilde Élodie Émilie Aurélie Céline Virginie
    Stéphanie Sandrine Nathalie Isabelle Sylvie Valérie Christine Catherine Martine Françoise Monique Jacqueline
    Nicole Brigitte Chantal Corinne Véronique Patricia Laurence Karine Delphine Vanessa Jessica Mélanie Amandine
    Charlotte Chloé Emma Inès Jade Louise Alice Lina Zoé Anaïs Clara Lola Océane Maëlys Justine Audrey Laëtitia
    Sabrina Nadia Samira Fatima Khadija Aïcha Leïla Yasmine Malika Rachida Nora Fatoumata Aminata Mariam Awa
    Kadiatou Marie-Josèphe Marie-Ange Marlène Ghislaine Joséphine Nadège Murielle Rose-Marie Maria Ana Carmen Elif
    Linh Hinano Vaea
    """.split()
)


def spaced(name: str) -> str:
    """Write ``LE-GALL`` as ``LE GALL``: the particles that are words of their own."""
    particle, _, rest = name.partition("-")
    return f"{particle} {rest}" if particle in {"LE", "DA", "EL", "AÏT"} else name
