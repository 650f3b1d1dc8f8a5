"""The list of what is in a release, as CycloneDX has it (ECMA-424)."""

from collections.abc import Sequence
from importlib import metadata

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.supply import licences
from deploy.supply.packages import (
    DebianPackage,
    LockedPackage,
    PagePackage,
    direct,
    required_by,
)

PROJECT = "hochieu"
SOURCE = "hochieu:debian:source"
"""The property that holds the source of a package of Debian."""
_LICENCES = LicenseFactory()


def of_lock(packages: Sequence[LockedPackage], of_pages: Sequence[PagePackage] = ()) -> Bom:
    """The project with every package of its locks, their hashes, licences and who needs whom.

    What is not installed here (another system, another Python) has no licence in it.
    `of_pages`: the packages of npm in the pages' styles and scripts.
    """
    bom = _begun()
    here: dict[str, Component] = {}
    for package in packages:
        component = Component(
            type=ComponentType.LIBRARY,
            name=package.name,
            version=package.version,
            bom_ref=f"{package.name}=={package.version}",
            purl=PackageURL("pypi", name=package.name, version=package.version),
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.digests
            ],
        )
        if package.applies:
            expression = licences.licence_of(package.name)
            component.licenses.add(_LICENCES.make_from_string(expression))
            here[package.name] = component
        for bundled, expression in licences.BUNDLED.get(package.name, {}).items():
            inside = Component(
                type=ComponentType.LIBRARY,
                name=bundled,
                bom_ref=f"{component.bom_ref}/{bundled}",
                licenses=[_LICENCES.make_from_string(expression)],
            )
            component.components.add(inside)
        bom.components.add(component)
    assert bom.metadata.component is not None
    asked = [here[name] for name in sorted(direct()) if name in here]
    bom.register_dependency(bom.metadata.component, asked + _add_pages(bom, of_pages))
    for name, component in here.items():
        needs = [here[other] for other in sorted(required_by(name)) if other in here]
        bom.register_dependency(component, needs)
    return bom


def _add_pages(bom: Bom, packages: Sequence[PagePackage]) -> list[Component]:
    """Adds what the pages are built of, and gives the packages that none of the others needs."""
    found: dict[str, Component] = {}
    for package in packages:
        group, _, name = package.name.rpartition("/")
        found[package.name] = Component(
            type=ComponentType.LIBRARY,
            group=group or None,
            name=name,
            version=package.version,
            bom_ref=f"{package.name}@{package.version}",
            purl=PackageURL("npm", group or None, name, package.version),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=package.digest)],
            licenses=[_LICENCES.make_from_string(package.licence)],
        )
        for bundled, expression in licences.BUNDLED.get(package.name, {}).items():
            found[package.name].components.add(
                Component(
                    type=ComponentType.LIBRARY,
                    name=bundled,
                    bom_ref=f"{package.name}@{package.version}/{bundled}",
                    licenses=[_LICENCES.make_from_string(expression)],
                )
            )
        bom.components.add(found[package.name])
    for package in packages:
        needs = [found[name] for name in package.needs if name in found]
        bom.register_dependency(found[package.name], needs)
    inner = {name for package in packages for name in package.needs}
    return [component for name, component in found.items() if name not in inner]


def of_image(image: str, packages: Sequence[DebianPackage], release: str) -> Bom:
    """The packages of Debian in an image; `release`: of Debian, its number."""
    bom = _begun(image)
    for package in packages:
        qualifiers = {"arch": package.architecture, "distro": f"debian-{release}"}
        bom.components.add(
            Component(
                type=ComponentType.LIBRARY,
                name=package.name,
                version=package.version,
                bom_ref=f"{package.name}={package.version}:{package.architecture}",
                purl=PackageURL("deb", "debian", package.name, package.version, qualifiers),
                properties=[Property(name=SOURCE, value=package.source)],
            )
        )
    assert bom.metadata.component is not None
    bom.register_dependency(bom.metadata.component, bom.components)
    return bom


def text(bom: Bom) -> str:
    """The document as JSON of CycloneDX 1.6."""
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _begun(image: str | None = None) -> Bom:
    bom = Bom()
    bom.metadata.tools.components.add(this_component())
    bom.metadata.component = Component(
        type=ComponentType.CONTAINER if image else ComponentType.APPLICATION,
        name=image or PROJECT,
        version=metadata.version(PROJECT),
        bom_ref="root",
        licenses=[_LICENCES.make_from_string("Apache-2.0")],
    )
    return bom
