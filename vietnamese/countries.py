"""Countries by ISO 3166-1 code, in Vietnamese and English, and how clinics write them."""

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from vietnamese.normalize import squeeze


@dataclass(frozen=True, slots=True)
class Country:
    """One country; `code` is ISO 3166-1 alpha-2, with XK for Kosovo as the value set of the EU has
    it.
    """

    code: str
    name_vi: str
    name_en: str


# code and Vietnamese name, then the English one where it differs
_TABLE = """
AD Andorra; AE Các tiểu vương quốc Ả Rập thống nhất|United Arab Emirates; AF Afghanistan; AG Antigua và Barbuda|Antigua and Barbuda;
AI Anguilla; AL Albania; AM Armenia; AO Angola; AQ Nam Cực|Antarctica; AR Argentina; AS Samoa thuộc Mỹ|American Samoa; AT Áo|Austria;
AU Úc|Australia; AW Aruba; AX Quần đảo Åland|Åland Islands; AZ Azerbaijan; BA Bosnia và Herzegovina|Bosnia and Herzegovina; BB Barbados;
BD Bangladesh; BE Bỉ|Belgium; BF Burkina Faso; BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL Saint Barthélemy; BM Bermuda;
BN Brunei|Brunei Darussalam; BO Bolivia; BQ Bonaire, Sint Eustatius và Saba|Bonaire, Sint Eustatius and Saba; BR Brazil; BS Bahamas;
BT Bhutan; BV Đảo Bouvet|Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Quần đảo Cocos|Cocos (Keeling) Islands;
CD Cộng hòa Dân chủ Congo|Congo, Democratic Republic of the; CF Cộng hòa Trung Phi|Central African Republic; CG Cộng hòa Congo|Congo;
CH Thụy Sĩ|Switzerland; CI Bờ Biển Ngà|Côte d'Ivoire; CK Quần đảo Cook|Cook Islands; CL Chile; CM Cameroon; CN Trung Quốc|China;
CO Colombia; CR Costa Rica; CU Cuba; CV Cabo Verde; CW Curaçao; CX Đảo Giáng sinh|Christmas Island; CY Síp|Cyprus; CZ Séc|Czechia;
DE Đức|Germany; DJ Djibouti; DK Đan Mạch|Denmark; DM Dominica; DO Cộng hòa Dominica|Dominican Republic; DZ Algeria; EC Ecuador;
EE Estonia; EG Ai Cập|Egypt; EH Tây Sahara|Western Sahara; ER Eritrea; ES Tây Ban Nha|Spain; ET Ethiopia; FI Phần Lan|Finland; FJ Fiji;
FK Quần đảo Falkland|Falkland Islands (Malvinas); FM Micronesia; FO Quần đảo Faroe|Faroe Islands; FR Pháp|France; GA Gabon;
GB Vương quốc Anh|United Kingdom; GD Grenada; GE Gruzia|Georgia; GF Guiana thuộc Pháp|French Guiana; GG Guernsey; GH Ghana;
GI Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Guinea Xích Đạo|Equatorial Guinea; GR Hy Lạp|Greece;
GS Nam Georgia và Quần đảo Nam Sandwich|South Georgia and the South Sandwich Islands; GT Guatemala; GU Guam; GW Guinea-Bissau;
GY Guyana; HK Hồng Kông|Hong Kong; HM Đảo Heard và Quần đảo McDonald|Heard Island and McDonald Islands; HN Honduras; HR Croatia;
HT Haiti; HU Hungary; ID Indonesia; IE Ireland; IL Israel; IM Đảo Man|Isle of Man; IN Ấn Độ|India;
IO Lãnh thổ Ấn Độ Dương thuộc Anh|British Indian Ocean Territory; IQ Iraq; IR Iran; IS Iceland; IT Ý|Italy; JE Jersey; JM Jamaica;
JO Jordan; JP Nhật Bản|Japan; KE Kenya; KG Kyrgyzstan; KH Campuchia|Cambodia; KI Kiribati; KM Comoros;
KN Saint Kitts và Nevis|Saint Kitts and Nevis; KP Cộng hòa Dân chủ Nhân dân Triều Tiên|Korea, Democratic People's Republic of;
KR Hàn Quốc|Korea, Republic of; KW Kuwait; KY Quần đảo Cayman|Cayman Islands; KZ Kazakhstan; LA Lào|Lao People's Democratic Republic;
LB Liban|Lebanon; LC Saint Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Litva|Lithuania; LU Luxembourg; LV Latvia;
LY Libya; MA Maroc|Morocco; MC Monaco; MD Moldova; ME Montenegro; MF Saint Martin thuộc Pháp|Saint Martin (French part); MG Madagascar;
MH Quần đảo Marshall|Marshall Islands; MK Bắc Macedonia|North Macedonia; ML Mali; MM Myanmar; MN Mông Cổ|Mongolia; MO Ma Cao|Macao;
MP Quần đảo Bắc Mariana|Northern Mariana Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV Maldives;
MW Malawi; MX Mexico; MY Malaysia; MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Đảo Norfolk|Norfolk Island; NG Nigeria;
NI Nicaragua; NL Hà Lan|Netherlands; NO Na Uy|Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA Panama; PE Peru;
PF Polynesia thuộc Pháp|French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Ba Lan|Poland;
PM Saint Pierre và Miquelon|Saint Pierre and Miquelon; PN Quần đảo Pitcairn|Pitcairn; PR Puerto Rico; PS Palestine;
PT Bồ Đào Nha|Portugal; PW Palau; PY Paraguay; QA Qatar; RE Réunion; RO Romania; RS Serbia; RU Nga|Russian Federation; RW Rwanda;
SA Ả Rập Xê Út|Saudi Arabia; SB Quần đảo Solomon|Solomon Islands; SC Seychelles; SD Sudan; SE Thụy Điển|Sweden; SG Singapore;
SH Saint Helena, Ascension và Tristan da Cunha|Saint Helena, Ascension and Tristan da Cunha; SI Slovenia;
SJ Svalbard và Jan Mayen|Svalbard and Jan Mayen; SK Slovakia; SL Sierra Leone; SM San Marino; SN Senegal; SO Somalia; SR Suriname;
SS Nam Sudan|South Sudan; ST São Tomé và Príncipe|Sao Tome and Principe; SV El Salvador;
SX Sint Maarten thuộc Hà Lan|Sint Maarten (Dutch part); SY Syria; SZ Eswatini; TC Quần đảo Turks và Caicos|Turks and Caicos Islands;
TD Chad; TF Vùng đất phía Nam thuộc Pháp|French Southern Territories; TG Togo; TH Thái Lan|Thailand; TJ Tajikistan; TK Tokelau;
TL Đông Timor|Timor-Leste; TM Turkmenistan; TN Tunisia; TO Tonga; TR Thổ Nhĩ Kỳ|Türkiye; TT Trinidad và Tobago|Trinidad and Tobago;
TV Tuvalu; TW Đài Loan|Taiwan; TZ Tanzania; UA Ukraina|Ukraine; UG Uganda;
UM Các đảo nhỏ xa của Hoa Kỳ|United States Minor Outlying Islands; US Hoa Kỳ|United States of America; UY Uruguay; UZ Uzbekistan;
VA Tòa Thánh Vatican|Holy See; VC Saint Vincent và Grenadines|Saint Vincent and the Grenadines; VE Venezuela;
VG Quần đảo Virgin thuộc Anh|Virgin Islands (British); VI Quần đảo Virgin thuộc Mỹ|Virgin Islands (U.S.); VN Việt Nam|Viet Nam;
VU Vanuatu; WF Wallis và Futuna|Wallis and Futuna; WS Samoa; XK Kosovo; YE Yemen; YT Mayotte; ZA Nam Phi|South Africa; ZM Zambia;
ZW Zimbabwe
"""


def _country(entry: str) -> Country:
    code, names = entry.strip().split(" ", 1)
    name_vi, _, name_en = names.partition("|")
    return Country(code, name_vi, name_en or name_vi)


COUNTRIES = MappingProxyType(
    {country.code: country for country in map(_country, _TABLE.split(";"))}
)
"""By code."""

_OTHER_NAMES = {
    "VNM": "VN", "Vietnamese": "VN", "Kinh": "VN",
    "Mỹ": "US", "USA": "US", "Hoa Kì": "US", "United States": "US", "American": "US",
    "Anh": "GB", "UK": "GB", "England": "GB", "Great Britain": "GB", "GBR": "GB", "British": "GB",
    "Hàn": "KR", "Đại Hàn Dân Quốc": "KR", "Korea": "KR", "South Korea": "KR", "KOR": "KR",
    "Korean": "KR",
    "Triều Tiên": "KP", "North Korea": "KP", "PRK": "KP",
    "Nhật": "JP", "JPN": "JP", "Japanese": "JP", "Trung Hoa": "CN", "CHN": "CN", "Chinese": "CN",
    "FRA": "FR", "French": "FR",
    "DEU": "DE", "Russia": "RU", "Liên bang Nga": "RU", "RUS": "RU", "Australia": "AU",
    "Ô-xtrây-li-a": "AU", "AUS": "AU",
    "Lào PDR": "LA", "Laos": "LA", "LAO": "LA", "Cam-pu-chia": "KH", "KHM": "KH", "TWN": "TW",
    "Hồng Công": "HK", "Xin-ga-po": "SG",
    "SGP": "SG", "Ma-lai-xi-a": "MY", "MYS": "MY", "THA": "TH", "PHL": "PH", "IDN": "ID",
    "IND": "IN", "Hà Lan": "NL", "Holland": "NL",
    "Ca-na-đa": "CA", "CAN": "CA", "Tân Tây Lan": "NZ", "NZL": "NZ", "Miến Điện": "MM",
    "Burma": "MM", "Turkey": "TR",
    "Czech Republic": "CZ",
    "Ukraine": "UA", "Italia": "IT", "ITA": "IT", "ESP": "ES", "Bắc Triều Tiên": "KP",
}  # fmt: skip


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = {squeeze(name): code for name, code in _OTHER_NAMES.items()}
    for country in COUNTRIES.values():
        names.update(
            {squeeze(country.name_vi): country.code, squeeze(country.name_en): country.code}
        )
    return names


def country_of(text: str) -> str | None:
    """The code of the country that a text names, whatever its accents."""
    # a code has no accents: Áo and Bỉ are not the codes of Angola and Burundi
    if text.isascii() and text.upper() in COUNTRIES:
        return text.upper()
    return _names().get(squeeze(text))


def country_typed(code: str) -> str:
    """The country's Vietnamese name, as files have it."""
    return COUNTRIES[code].name_vi
