"""The manifests: production by default, nothing writable or shared, and who reaches whom."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.chassis.settings import ServiceSettings
from services.signer.settings import Settings as SignerSettings
from tests.support.paths import DEPLOY
from tests.support.settings import PROCESSES, defaults

MANIFESTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((DEPLOY / "kubernetes/hochieu.yaml").read_text())
)
DEPLOYMENTS = {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == "Deployment"}
POLICIES = [one["spec"] for one in MANIFESTS if one["kind"] == "NetworkPolicy"]
CONFIG = next(one["data"] for one in MANIFESTS if one["kind"] == "ConfigMap")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
AUDITOR = "auditor"
COMMANDS = {
    name: service["command"]
    for name, service in COMPOSE["services"].items()
    if name.partition("-")[0] in PROCESSES
}
ELSEWHERE = {"issuer": "192.0.2.20/32", "registry": "192.0.2.10/32", "hsm": "192.0.2.30/32"}


def pod_of(name: str) -> dict[str, Any]:
    return dict(DEPLOYMENTS[name]["spec"]["template"]["spec"])


def container_of(name: str) -> dict[str, Any]:
    (container,) = pod_of(name)["containers"]
    return dict(container)


def environment_of(name: str) -> dict[str, str]:
    container = container_of(name)
    own = {one["name"]: one["value"] for one in container["env"]}
    return {**(CONFIG if "envFrom" in container else {}), **own}


def test_processes_have_the_variables_and_probes_of_their_services() -> None:
    assert set(DEPLOYMENTS) == {*COMMANDS, AUDITOR}
    for name in COMMANDS:
        room, container = name.partition("-")[0], container_of(name)
        assert container["args"] == COMMANDS[name]
        assert set(environment_of(name)) <= set(defaults(PROCESSES[room])), name
        assert container["readinessProbe"]["httpGet"] == {"path": f"/{room}/readyz", "port": 8080}
        assert container["livenessProbe"]["httpGet"] == {"path": f"/{room}/healthz", "port": 8080}
    assert set(CONFIG) <= set(defaults(ServiceSettings))
    auditor, container = COMPOSE["services"][AUDITOR], container_of(AUDITOR)
    assert container["args"] == [auditor["entrypoint"][-1], *auditor["command"]]
    assert {one["name"] for one in container["env"]} == set(auditor["environment"])


def test_production_is_the_default_and_keys_are_in_an_hsm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMMANDS:
        with monkeypatch.context() as patched:
            for variable, value in environment_of(name).items():
                patched.setenv(variable, value)
            cfg = PROCESSES[name.partition("-")[0]]()
        assert cfg.environment == "production", name
        if isinstance(cfg, SignerSettings):
            assert cfg.keys.module, name
            assert str(cfg.keys.pin_file) == "/run/secrets/signer/pin"


def test_no_pod_writes_to_its_root_or_shares_what_it_writes() -> None:
    assert not [one for one in MANIFESTS if one["kind"].startswith("PersistentVolume")]
    for name in DEPLOYMENTS:
        pod, container = pod_of(name), container_of(name)
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"], name
        assert not rights["allowPrivilegeEscalation"], name
        assert rights["capabilities"] == {"drop": ["ALL"]}, name
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod["automountServiceAccountToken"], name
        assert {"memory", "ephemeral-storage"} <= set(container["resources"]["limits"]), name
        kinds = {next(iter(set(volume) - {"name"})) for volume in pod["volumes"]}
        assert kinds <= {"secret", "configMap", "emptyDir"}, name
        for mounted in container["volumeMounts"]:
            assert mounted.get("readOnly") or mounted["mountPath"] == "/tmp", (name, mounted)


def test_no_password_stands_in_an_address() -> None:
    for name in DEPLOYMENTS:
        for variable, value in environment_of(name).items():
            assert not re.search(r"://[^/@]*:[^/@]+@", value), (name, variable)
            if variable.endswith("_COUNTERS"):
                room = name.partition("-")[0]
                assert value.endswith(f"?password_file=/run/secrets/{room}/counters"), name


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a pod's labels are what a selector asks for."""
    wanted = selector.get("matchLabels", {}).items()
    return all(labels.get(key) == value for key, value in wanted) and all(
        labels.get(one["key"]) in one["values"] if one["operator"] == "In" else one["key"] in labels
        for one in selector.get("matchExpressions", [])
    )


def rules(labels: dict[str, str], way: str, side: str) -> Iterator[tuple[dict[str, Any], set[int]]]:
    """Each peer and its ports (none: all) that the policies of a pod let through."""
    for policy in POLICIES:
        if matches(policy["podSelector"], labels):
            for rule in policy.get(way, []):
                for peer in rule[side]:
                    yield peer, {port["port"] for port in rule.get("ports", [])}


def reaches(name: str) -> dict[str, set[int]]:
    """Whom a process may open a connection to."""
    labels = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["labels"]
    found: dict[str, set[int]] = {}
    for peer, ports in rules(labels, "egress", "to"):
        if "podSelector" in peer:
            target = peer["podSelector"]["matchLabels"]["app"]
        elif "namespaceSelector" in peer:
            target = "dns"
        else:
            target = {block: who for who, block in ELSEWHERE.items()}[peer["ipBlock"]["cidr"]]
        found.setdefault(target, set()).update(ports)
    return found


def test_in_the_namespace_nobody_reaches_anybody_by_default() -> None:
    everybody = [policy for policy in POLICIES if policy["podSelector"] == {}]
    assert everybody == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]


def test_each_process_reaches_what_it_needs_and_nothing_else() -> None:
    all_need = {"dns", "postgres", "kafka"}
    apis_need = all_need | {"counters", "issuer"}
    assert {name: set(reaches(name)) for name in DEPLOYMENTS} == {
        "records-api": apis_need,
        "records-worker": all_need | {"mail"},
        "verifier-api": apis_need | {"registry"},
        "verifier-worker": all_need | {"registry"},
        "signer-api": apis_need | {"hsm", "mail"},
        "signer-worker": all_need | {"hsm"},
        "web": {
            "dns",
            "postgres",
            "counters",
            "issuer",
            "records-api",
            "verifier-api",
            "signer-api",
        },
        AUDITOR: {"dns", "postgres"},
    }
    for name in DEPLOYMENTS:
        for address in environment_of(name).values():
            for host, port in re.findall(r"//(?:\w+@)?(postgres|kafka|counters):(\d+)", address):
                assert int(port) in reaches(name)[host], (name, address)


def test_people_reach_the_apis_alone_and_only_by_the_ingress() -> None:
    for name, one in DEPLOYMENTS.items():
        labels = one["spec"]["template"]["metadata"]["labels"]
        peers = [peer for peer, ports in rules(labels, "ingress", "from") if ports == {8080}]
        assert len(list(rules(labels, "ingress", "from"))) == len(peers)
        spaces = {
            peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for peer in peers
            if "namespaceSelector" in peer
        }
        is_asked = name.endswith("-api") or name == "web"
        assert spaces == ({"ingress", "monitoring"} if is_asked else {"monitoring"})
        pods = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
        assert pods == ([{"room": "web"}] if name.endswith("-api") else [])
