"""Words of which names of vaccines are made, folded to plain letters.

They name a product, go with one, or say nothing about which product it is.
"""

from types import MappingProxyType

NAMES = MappingProxyType({
    "comirnaty": ("comirnaty", "pfizer", "biontech", "pfizer biotech", "biotech pfizer", "bnt162b2",
    "bnt 162b2", "tozinameran", "phai do",
                  "pf", "pfe"),
    "spikevax": ("spikevax", "moderna", "mrna 1273", "elasomeran", "takeda"),
    "vaxzevria": ("vaxzevria", "astrazeneca", "astra zeneca", "astra", "azd1222", "azd 1222", "az",
    "chadox1",
                  "chadox1 s", "chadox1 ncov 19",
                  "covishield", "oxford astrazeneca"),
    "janssen": ("janssen", "jcovden", "johnson johnson", "johnson and johnson",
    "johnson va johnson", "johnson", "j j", "ad26 cov2 s",
                "ad26cov2s", "ad26 cov2s"),
    "sputnik-v": ("sputnik v", "sputnik", "gam covid vac", "gamaleya", "gamcovidvac"),
    "bbibp-corv": ("bbibp corv", "bbibp", "bibp", "vero cell", "verocell", "te bao vero", "vero",
    "bbibp cor v"),
    "hayat-vax": ("hayat vax", "hayat", "julphar"),
    "abdala": ("abdala", "cigb 66", "cigb"),
    "covaxin": ("covaxin", "bharat", "bharat biotech", "bbv152", "bbv 152"),
})  # fmt: skip
"""By product: each names it alone, and in any order with its others. No name of one product is
made of another's words alone.
"""

MAKERS = MappingProxyType({
    "sinopharm": ("bbibp-corv", "hayat-vax"),
    "china national biotec group": ("bbibp-corv", "hayat-vax"), "cnbg": ("bbibp-corv", "hayat-vax"),
    "g42": ("hayat-vax",), "gulf pharmaceutical industries": ("hayat-vax",),
    "gulf pharmaceutical": ("hayat-vax",),
    "beijing": ("bbibp-corv",), "bac kinh": ("bbibp-corv",),
    "beijing institute of biological products": ("bbibp-corv",),
    "oxford": ("vaxzevria",), "siam bioscience": ("vaxzevria",), "sk bioscience": ("vaxzevria",),
    "catalent": ("vaxzevria", "spikevax"),
    "serum institute of india": ("vaxzevria",), "serum institute": ("vaxzevria",),
    "sii": ("vaxzevria",), "rovi": ("spikevax",),
    "generium": ("sputnik-v",), "vabiotech": ("sputnik-v",), "gamaleya institute": ("sputnik-v",),
    "cilag": ("janssen",),
    "aica": ("abdala",), "biotech": ("covaxin",), "manufacturing": ("comirnaty",),
    "gmbh": ("comirnaty",),
})  # fmt: skip
"""Who makes several, or is seldom named alone: they must fit the product that is named.
Hayat-Vax is made by Sinopharm's licence.
"""

ALONE = MappingProxyType({"sinopharm": "bbibp-corv"})
"""What a maker means where nothing else is named: in Viet Nam, Sinopharm's vaccine is Vero Cell."""

OTHERS = (
    "sinovac", "coronavac", "nanocovax", "nano covax", "covivac", "kovivac", "novavax", "nuvaxovid",
    "covovax", "arct 154", "arcturus",
    "vinbiocare", "cansino", "cansinobio", "convidecia", "soberana", "pastocovac", "epivaccorona",
    "sputnik light", "sputnik m",
    "gam covid vac m", "valneva", "sanofi", "vidprevtyn", "bimervax", "hipra", "skycovione",
    "medigen", "turkovac", "qazvac", "corbevax",
    "zycov d", "zycov", "wuhan", "vu han", "wibp", "wibp corv", "covax", "zifivax", "anhui",
    "inactivated sinovac", "biological e",
    "mambisa", "razi", "noora", "covlias", "kconvac", "kcovac", "iconvac", "butanvac", "walvax",
    "bivalent", "omicron", "covivac ivac",
)  # fmt: skip
"""Vaccines that exist but are none of ours, or ours of another year: a name alike to one of
these is no product of ours.
"""

_NOISE = (
    # what it is
    "vac xin", "vacxin", "vaxin", "vac cine", "vaccine", "vaccines", "vaccin", "vx", "vc", "phong",
    "ngua", "chong", "benh", "covid 19", "covid",
    "corona", "sars cov 2", "sars cov", "sars", "ncov", "covax", "mrna", "virus", "vi rut",
    "bat hoat", "inactivated", "recombinant", "tai to hop", "nucleoside modified",
    "adenovirus", "vector", "vec to", "viral", "suspension", "dispersion", "concentrate",
    "solution", "for", "injection", "hon dich",
    "dung dich", "dam dac", "pha", "tiem", "tiem bap", "bao che",
    # whom it is for, and how much of it
    "tre em", "tre", "nguoi lon", "nhi", "adult", "adults", "pediatric", "paediatric", "children",
    "kids", "tuoi", "lieu", "dose", "doses", "cho", "tu", "den", "tren",
    "duoi", "nap", "tim", "cam", "xam", "lo", "hop", "ong", "bom", "san", "vien tro", "dong",
    # where it comes from
    "cua", "hang", "do", "va", "and", "san xuat", "sx", "tai", "boi", "theo", "giay phep",
    "nhuong quyen", "cong nghe", "by", "the", "of", "s", "licence",
    "license", "licensed", "under", "made in", "from", "ten", "thuong mai", "con goi la", "goi la",
    "hay", "tuc", "truoc day", "la",
    "formerly", "previously", "known as", "inc", "corp", "corporation", "ltd", "co", "ab", "ag",
    "se", "sl", "limited", "international",
    "group", "cong ty", "vien", "institute",
    "my", "anh", "trung quoc", "tq", "cuba", "nga", "duc", "bi", "an do", "uae", "thuy dien",
    "ha lan", "phap", "y", "nhat", "nhat ban",
    "han quoc", "thai lan", "viet nam", "vn", "usa", "us", "uk", "china", "russia", "germany",
    "belgium", "india", "sweden", "tay ban nha",
    "spain", "italy", "japan", "korea", "thailand", "tieu vuong quoc a rap thong nhat", "a rap",
)  # fmt: skip


def _squeezed(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.replace(" ", "") for name in names)


NOISE = _squeezed(_NOISE)
OF_OTHERS = _squeezed(OTHERS)
ALIASES = MappingProxyType(
    {name.replace(" ", ""): code for code, names in NAMES.items() for name in names}
)
OF_MAKERS = MappingProxyType(
    {name.replace(" ", ""): frozenset(codes) for name, codes in MAKERS.items()}
)
MOST_WORDS = max(
    len(name.split())
    for name in (
        *_NOISE,
        *OTHERS,
        *MAKERS,
        *ALIASES,
        *(alias for aliases in NAMES.values() for alias in aliases),
    )
)
