"""A person's dose as the REST answers it: its standing in words."""

from contracts.products import PRODUCTS
from contracts.standing import HOLDERS, PAPERS, DoseStanding, Holder, Words
from services.records.own_doses import models, service
from services.records.own_doses.store import NumberedDose

_AT_HOME = (Holder.STATION, Holder.POLICE, Holder.PROVINCE)


def own_dose(row: NumberedDose) -> models.OwnDose:
    """A dose for the person whose it is."""
    stands = service.standing(row)
    product = PRODUCTS.get(row.product)
    return models.OwnDose(
        dose_id=row.id,
        facility_code=row.facility_code,
        product=row.product,
        product_name=product.name if product else row.product,
        dose_number=row.dose_number,
        dose_kind=row.dose_kind,
        date_given=row.date_given,
        stage=stands.stage,
        title=both(stands.title),
        explanation=both(stands.explanation),
        holder=_holder(row, stands),
        since=row.since,
        bring=[models.PaperToBring(kind=paper, name=both(PAPERS[paper])) for paper in stands.bring],
        next=both(stands.next),
        reasons=[row.refusal] if row.refusal else list(row.reasons or ()) if row.judged else [],
        uvci=row.uvci if row.judged else None,
    )


def both(words: Words) -> models.InBothLanguages:
    """Words of the table as the REST answers them."""
    return models.InBothLanguages(vi=words.vi, en=words.en)


def _holder(row: NumberedDose, stands: DoseStanding) -> models.DoseHolder:
    kind = stands.holder
    return models.DoseHolder(
        kind=kind,
        name=both(HOLDERS[kind]),
        facility_code=row.facility_code if kind is Holder.FACILITY else None,
        residence=row.residence or None if kind in _AT_HOME else None,
    )
